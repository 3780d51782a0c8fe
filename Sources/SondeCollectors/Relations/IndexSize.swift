package import Sonde

extension Definition {
    /// Sizes of indexes, one after the other so that a locked one costs only itself.
    package static let indexSize = Definition(
        "index_size", help: "Disk space of indexes (pg_relation_size())",
        from: """
            pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid JOIN pg_class AS t ON t.oid = x.indrelid
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind = 'i' AND t.relkind IN ('r', 'm') AND c.relpersistence <> 't'
            AND n.nspname NOT IN ('pg_catalog', 'information_schema')
            """,
        columns: [
            .label("schemaname", "n.nspname"),
            .label("relname", "t.relname"),
            .label("indexrelname", "c.relname"),
            .gauge("bytes", "pg_relation_size(c.oid)", in: .bytes, other: .sum, help: "The index (pg_relation_size())"),
        ],
        per: .database, cost: .heavy, each: true, limit: .relations(by: ["bytes"]))
}
