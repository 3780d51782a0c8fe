package import Sonde

extension Definition {
    /// Sizes of tables and materialized views, one after the other so that a locked one costs only itself.
    package static let tableSize = Definition(
        "table_size", help: "Disk space of tables (pg_table_size(), pg_indexes_size())",
        from: """
            pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
            AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
            """,
        columns: [
            .label("schemaname", "n.nspname"),
            .label("relname", "c.relname"),
            .gauge(
                "bytes", "pg_table_size(c.oid)", in: .bytes, other: .sum,
                help: "The table with its TOAST and maps, without its indexes (pg_table_size())"),
            .gauge(
                "main_bytes", "pg_relation_size(c.oid)", in: .bytes, other: .sum,
                help: "The rows alone, without TOAST and maps (pg_relation_size())"),
            .gauge(
                "indexes_bytes", "pg_indexes_size(c.oid)", in: .bytes, other: .sum,
                help: "All indexes of the table (pg_indexes_size())"),
            .gauge(
                "toast_bytes",
                "(SELECT pg_total_relation_size(t.reltoastrelid) FROM pg_class t WHERE t.oid = c.oid AND t.reltoastrelid <> 0)",
                in: .bytes, other: .sum, help: "Its TOAST table with that one's index (pg_total_relation_size())"),
            .gauge(
                "fsm_bytes", "pg_relation_size(c.oid, 'fsm')", in: .bytes,
                other: .sum, help: "The map of free space (pg_relation_size())"),
            .gauge(
                "vm_bytes", "pg_relation_size(c.oid, 'vm')", in: .bytes,
                other: .sum, help: "The map of what every transaction sees (pg_relation_size())"),
        ],
        per: .database, cost: .heavy, each: true,
        limit: .relations(by: ["bytes", "indexes_bytes"]))
}
