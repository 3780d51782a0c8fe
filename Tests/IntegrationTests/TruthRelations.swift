extension TruthCase {
    private static let table = [
        (name: "datname", sql: "current_database()"), (name: "schemaname", sql: "schemaname"),
        (name: "relname", sql: "relname"),
    ]

    /// What the page must say of ``RelationObjects``: from the server where it says so itself, else as written down here.
    static let relationDetails: [TruthCase] = tables + partitions + indexes + foreignKeys + sequences + functions

    private static func written(
        _ family: String, _ values: [String: Double], majors: ClosedRange<Int> = 13...99
    )
        -> TruthCase
    {
        let rows = values.sorted { $0.key < $1.key }.map { "('\($0.key)', \($0.value))" }.joined(separator: ", ")
        return TruthCase(
            family: family, labels: ["schemaname", "relname"],
            sql: "SELECT 'rel', v.name, v.value FROM (VALUES \(rows)) AS v (name, value)", majors: majors,
            database: "shop", isWhole: false)
    }

    private static let tables: [TruthCase] =
        view(
            "table", table,
            "(SELECT nspname AS schemaname, c.relname, t.relfrozenxid, t.relminmxid FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'rel') q",
            database: "shop",
            [
                "toast_relfrozenxid_age": "age(relfrozenxid)", "toast_relminmxid_age": "mxid_age(relminmxid)",
            ])
        + view(
            "table_size", table,
            "(SELECT schemaname, t.relname, c.oid, c.reltoastrelid AS toast FROM pg_stat_user_tables t JOIN pg_class c ON c.oid = relid AND c.relkind <> 'p') q",
            database: "shop",
            [
                "bytes":
                    "pg_table_size(oid)",
                "toast_bytes":
                    "pg_relation_size(toast) + pg_relation_size(toast, 'fsm') + pg_relation_size(toast, 'vm') "
                    + "+ pg_relation_size(toast, 'init') + pg_indexes_size(toast)",
                "fsm_bytes": "pg_relation_size(oid, 'fsm')", "vm_bytes": "pg_relation_size(oid, 'vm')",
            ])
        + view(
            "table_catalog", table,
            "(SELECT nspname AS schemaname, c.relname, relpages, relallvisible, relnatts FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'rel' AND relkind IN ('r', 'm')) q",
            database: "shop", gauges("relpages", "relallvisible", "relnatts"))
        + view(
            "table_catalog", table,
            "(SELECT nspname AS schemaname, c.relname, relallfrozen FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'rel' AND relkind IN ('r', 'm')) q",
            majors: 18...99, database: "shop", gauges("relallfrozen"))
        + [
            TruthCase(
                family: "pg_table_catalog_info", labels: ["relname", "relkind", "relpersistence", "amname", "spcname"],
                sql: "VALUES ('seen', 'm', 'p', 'heap', '', 1), ('unlogged', 'r', 'u', 'heap', '', 1)",
                database: "shop", isWhole: false),
            written("pg_table_catalog_reltuples", ["unlogged": 4_000]),
            written("pg_table_catalog_unlogged", ["unlogged": 1, "wide": 0, "seen": 0]),
            written("pg_table_catalog_primary_key", ["unlogged": 0, "vacuumed": 1, "parent": 1]),
            written("pg_table_catalog_unique_indexes", ["unlogged": 0, "vacuumed": 1, "parent": 3]),
            written("pg_table_catalog_fillfactor_ratio", ["unlogged": 0.7, "wide": 1]),
            written("pg_table_catalog_autovacuum_enabled", ["unlogged": 0, "wide": 1]),
            written("pg_table_catalog_vacuum_threshold", ["unlogged": 2_007, "wide": 2_050, "never": 50]),
            written("pg_table_catalog_analyze_threshold", ["unlogged": 1_011, "wide": 1_050, "never": 50]),
            written("pg_table_catalog_insert_vacuum_threshold", ["wide": 3_000, "never": 1_000], majors: 13...17),
            // Frozen pages count no more; none of these is frozen.
            written("pg_table_catalog_insert_vacuum_threshold", ["wide": 3_000, "never": 1_000], majors: 18...99),
            written("pg_table_catalog_freeze_max_age", ["unlogged": 150_000, "wide": 200_000_000]),
            TruthCase(
                family: "pg_relation_relations", labels: ["relkind", "relpersistence"],
                sql:
                    "SELECT relkind, relpersistence, count(*) FROM pg_class WHERE relnamespace::regnamespace::text IN ('rel', 'public') OR relkind IN ('t', 'i') AND oid >= 16384 AND relnamespace = 'pg_toast'::regnamespace GROUP BY 1, 2",
                database: "shop"),
        ]

    private static let leaves = "pg_stat_user_tables WHERE relname IN ('part_1', 'part_2_a', 'part_rest')"

    private static let partitions: [TruthCase] =
        view(
            "partitioned_table",
            [(name: "schemaname", sql: "'rel'"), (name: "relname", sql: "'part'")], leaves, database: "shop",
            [
                "partitions": "count(*)", "n_live_tup": "sum(n_live_tup)", "n_dead_tup": "sum(n_dead_tup)",
                "n_mod_since_analyze": "sum(n_mod_since_analyze)", "n_ins_since_vacuum": "sum(n_ins_since_vacuum)",
                "never_vacuumed_partitions": "count(*) FILTER (WHERE last_vacuum IS NULL AND last_autovacuum IS NULL)",
                "never_analyzed_partitions":
                    "count(*) FILTER (WHERE last_analyze IS NULL AND last_autoanalyze IS NULL)",
                "oldest_vacuum_timestamp_seconds": "extract(epoch FROM min(last_vacuum))",
                "oldest_analyze_timestamp_seconds": "extract(epoch FROM min(last_analyze))",
            ])
        + view(
            "partitioned_table_size",
            [(name: "schemaname", sql: "'rel'"), (name: "relname", sql: "'part'")], leaves, database: "shop",
            ["bytes": "sum(pg_table_size(relid))", "indexes_bytes": "sum(pg_indexes_size(relid))"])
        + [
            written("pg_partitioned_table_default_live_tup", ["part": 1]),
            written("pg_partitioned_table_activity_n_tup_ins_total", ["part": 0]),
            TruthCase(
                family: "pg_partitioned_table_relfrozenxid_age", labels: ["relname"],
                sql:
                    "SELECT 'part', max(greatest(age(c.relfrozenxid), age(t.relfrozenxid))) FROM pg_class c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid WHERE c.relname IN ('part_1', 'part_2_a', 'part_rest')",
                database: "shop"),
        ]

    private static let indexes: [TruthCase] = [
        TruthCase(
            family: "pg_index_ready", labels: ["schemaname", "relname", "indexrelname"],
            sql:
                "SELECT schemaname, relname, indexrelname, indisready::int FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid)",
            database: "shop"),
        written("pg_index_check_indexes", ["indexed": 23, "broken": 1, "parent": 3]),
        written("pg_index_check_invalid_indexes", ["indexed": 0, "broken": 1]),
        written("pg_index_check_unready_indexes", ["indexed": 0, "broken": 1]),
        TruthCase(
            family: "pg_index_check_unused_indexes", labels: ["relname"],
            sql:
                "SELECT relname, count(*) FROM pg_stat_user_indexes WHERE idx_scan = 0 AND relname IN ('indexed', 'wide') AND indexrelname !~ 'pkey|_key|indexed_d$|indexed_d_a|wide_bc' GROUP BY 1",
            database: "shop", isWhole: false),
        written("pg_index_check_duplicate_indexes", ["indexed": 5, "broken": 0, "parent": 0]),
        written("pg_index_check_redundant_indexes", ["indexed": 2, "broken": 0, "parent": 0]),
        TruthCase(
            family: "pg_index_redundant_bytes", labels: ["relname", "indexrelname", "covered_by"],
            sql: """
                SELECT split_part(v.name, '_', 1), v.name, v.by, pg_relation_size('rel.' || v.name)
                FROM (VALUES ('wide_b', 'wide_bc'), ('indexed_a', 'indexed_pkey'), ('indexed_b', 'indexed_b_c'), ('indexed_b_c2', 'indexed_b_c'), ('indexed_part2', 'indexed_part'), ('indexed_lower2', 'indexed_lower'),
                ('indexed_collated', 'indexed_including'), ('indexed_hash2', 'indexed_hash'),
                ('covered_b', 'covered_b_c'), ('covered_b2', 'covered_b'), ('covered_c_b', 'covered_c_b_d'), ('covered_c', 'covered_c_b_d')) AS v (name, by)
                """, database: "shop"),
    ]

    private static let foreignKeys: [TruthCase] = [
        written("pg_foreign_key_constraints", ["child": 3, "indexed_child": 1, "part": 1, "referring": 1]),
        written("pg_foreign_key_unindexed_constraints", ["child": 2, "indexed_child": 0, "part": 1, "referring": 0]),
        written("pg_foreign_key_mistyped_constraints", ["child": 1, "indexed_child": 0, "part": 0]),
        written("pg_foreign_key_invalid_constraints", ["child": 1, "indexed_child": 0, "part": 0]),
        written("pg_foreign_key_unenforced_constraints", ["child": 0, "unenforced": 1], majors: 18...99),
        // Not every server has the extension that keys with a period need.
        TruthCase(
            family: "pg_foreign_key_unindexed_constraints", labels: ["schemaname", "relname"],
            sql:
                "SELECT 'rel', v.name, v.value FROM (VALUES ('unenforced', 0), ('temporal', 1)) AS v (name, value) WHERE to_regclass('rel.' || v.name) IS NOT NULL",
            majors: 18...99, database: "shop", isWhole: false),
    ]

    private static let sequences: [TruthCase] =
        view(
            "sequence", table, "pg_statio_user_sequences", database: "shop", counters("blks_read", "blks_hit"))
        + view(
            "sequence_usage",
            [(name: "schemaname", sql: "schemaname"), (name: "relname", sql: "sequencename")], "pg_sequences",
            database: "shop", gauges("last_value"))
        + [
            written("pg_sequence_readable", ["up": 1, "filled_id_seq": 1]),
            written(
                "pg_sequence_usage_remaining_values",
                [
                    "up": 20, "down": 5, "step": 1, "done": 0, "huge": 0, "lowest": 0,
                    "filled_small_seq": 9_223_372_036_854_759_424,
                ]),
            written(
                "pg_sequence_usage_used_ratio",
                ["up": 0.8, "down": 0.95, "step": 0.75, "done": 1, "huge": 1, "lowest": 1]),
            written(
                "pg_sequence_usage_column_used_ratio",
                ["filled_small_seq": 16_384 / 32_767.0, "filled_id_seq": 1_073_741_824 / 2_147_483_647.0]),
        ]

    private static let functions: [TruthCase] = view(
        "function",
        [
            (name: "schemaname", sql: "schemaname"), (name: "funcname", sql: "funcname"),
            (
                name: "proargtypes",
                sql: "(SELECT pg_get_function_identity_arguments(funcid))"
            ),
        ], "pg_stat_user_functions", database: "shop",
        [
            "calls_total": "calls", "time_seconds_total": "total_time / 1000.0",
            "self_time_seconds_total": "self_time / 1000.0",
        ])
}
