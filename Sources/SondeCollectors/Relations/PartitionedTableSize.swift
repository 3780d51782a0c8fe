package import Sonde

extension Definition {
    /// What the partitions of a table take together.
    ///
    /// If one of them is locked then the whole sum is left out, and shows what it showed before: half a sum would be a wrong number.
    package static let partitionedTableSize = Definition(
        "partitioned_table_size", help: "Disk space of partitioned tables (pg_table_size(), pg_indexes_size())",
        from: """
            pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind = 'p' AND NOT c.relispartition AND c.relpersistence <> 't'
            """,
        columns: [
            .label("schemaname", "n.nspname"),
            .label("relname", "c.relname"),
            .gauge(
                "bytes", sum(of: "pg_table_size"), in: .bytes,
                other: .sum, help: "All partitions with their TOAST and maps, without their indexes (pg_table_size())"),
            .gauge(
                "indexes_bytes", sum(of: "pg_indexes_size"), in: .bytes,
                other: .sum, help: "All indexes of all partitions (pg_indexes_size())"),
        ],
        per: .database, cost: .heavy, each: true, limit: .relations(by: ["bytes", "indexes_bytes"]))

    private static func sum(of function: String) -> SQL {
        SQL(
            """
            (WITH RECURSIVE tree AS (
            SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = c.oid
            UNION ALL SELECT i.inhrelid FROM tree t JOIN pg_inherits i ON i.inhparent = t.inhrelid
            ) SELECT coalesce(sum(\(function)(l.oid)), 0) FROM tree t JOIN pg_class l ON l.oid = t.inhrelid AND l.relkind = 'r')
            """)
    }
}
