package import Sonde

extension Definition {
    /// Sizes of the system's own tables, which temporary tables and large objects make grow; the ten largest by name.
    package static let catalogSize = Definition(
        "catalog_size", help: "Disk space of the system's tables in a database (pg_total_relation_size())",
        from: """
            pg_class AS c WHERE c.relkind = 'r' AND NOT c.relisshared AND c.relnamespace = 'pg_catalog'::regnamespace
            """,
        columns: [
            .label("relname", "c.relname"),
            .gauge(
                "bytes", "pg_total_relation_size(c.oid)", in: .bytes, other: .sum,
                help: "The table with its indexes and TOAST (pg_total_relation_size())"),
        ],
        per: .database, cost: .heavy, each: true, limit: Limit(rows: 10, by: ["bytes"]))
}
