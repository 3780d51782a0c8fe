package import Sonde

extension Definition {
    /// What the partitions of a table come to, at whatever depth, under the name of the topmost table.
    ///
    /// The functions behind `pg_stat_user_tables` are asked instead of the view, which looks at the indexes of every table. Sums of the
    /// partitions' counters are in ``PartitionedTableActivity``, since they would fall when a partition is dropped.
    package static let partitionedTable = Definition(
        "partitioned_table", help: "Partitioned tables, their partitions taken together (pg_class, pg_inherits)",
        from: SQL(
            """
            (\(PartitionTree.sql)) AS t
            JOIN pg_class AS r ON r.oid = t.root JOIN pg_namespace AS n ON n.oid = r.relnamespace
            JOIN pg_class AS l ON l.oid = t.relid AND l.relkind <> 'p' LEFT JOIN pg_class AS o ON o.oid = l.reltoastrelid
            LEFT JOIN pg_partitioned_table AS d ON d.partdefid = l.oid
            CROSS JOIN LATERAL (
            SELECT greatest(pg_stat_get_last_vacuum_time(l.oid), pg_stat_get_last_autovacuum_time(l.oid)) AS vacuum,
            greatest(pg_stat_get_last_analyze_time(l.oid), pg_stat_get_last_autoanalyze_time(l.oid)) AS analyze
            ) AS last
            """),
        columns: [
            .label("schemaname", "n.nspname"),
            .label("relname", "r.relname"),
            .gauge(
                "partitions", "count(*)",
                other: .sum, help: "Partitions that hold rows, foreign ones included (pg_inherits.inhrelid)"),
            .gauge(
                "n_live_tup", "sum(pg_stat_get_live_tuples(l.oid))",
                other: .sum, help: "Live rows in all partitions, estimated (pg_stat_user_tables.n_live_tup)"),
            .gauge(
                "n_dead_tup", "sum(pg_stat_get_dead_tuples(l.oid))",
                other: .sum, help: "Dead rows in all partitions, estimated (pg_stat_user_tables.n_dead_tup)"),
            .gauge(
                "n_mod_since_analyze", "sum(pg_stat_get_mod_since_analyze(l.oid))",
                other: .sum,
                help: "Rows changed since each was analyzed, estimated (pg_stat_user_tables.n_mod_since_analyze)"),
            .gauge(
                "n_ins_since_vacuum", "sum(pg_stat_get_ins_since_vacuum(l.oid))",
                other: .sum,
                help: "Rows inserted since each was vacuumed, estimated (pg_stat_user_tables.n_ins_since_vacuum)"),
            .gauge(
                "default_live_tup", "sum(pg_stat_get_live_tuples(l.oid)) FILTER (WHERE d.partdefid IS NOT NULL)",
                other: .sum,
                help:
                    "Live rows that no other partition takes; absent without default partition (pg_partitioned_table.partdefid)"
            ),
            .gauge(
                "never_vacuumed_partitions", "count(*) FILTER (WHERE last.vacuum IS NULL AND l.relkind = 'r')",
                other: .sum,
                help:
                    "Partitions without a vacuum since the statistics began (pg_stat_user_tables.last_vacuum, last_autovacuum)"
            ),
            .gauge(
                "never_analyzed_partitions", "count(*) FILTER (WHERE last.analyze IS NULL AND l.relkind = 'r')",
                other: .sum,
                help:
                    "Partitions without an analyze since the statistics began (pg_stat_user_tables.last_analyze, last_autoanalyze)"
            ),
            .gauge(
                "oldest_vacuum_timestamp_seconds", "min(last.vacuum)", in: .timestamp,
                other: .min,
                help:
                    "Last vacuum of the partition where that is longest ago (pg_stat_user_tables.last_vacuum, last_autovacuum)"
            ),
            .gauge(
                "oldest_analyze_timestamp_seconds", "min(last.analyze)", in: .timestamp,
                other: .min,
                help:
                    "Last analyze of the partition where that is longest ago (pg_stat_user_tables.last_analyze, last_autoanalyze)"
            ),
            .gauge(
                "relfrozenxid_age",
                "max(greatest(CASE WHEN l.relfrozenxid <> '0'::xid THEN age(l.relfrozenxid) END, age(o.relfrozenxid)))",
                other: .max,
                help:
                    "Transactions since the oldest unfrozen one in any partition, TOAST included (pg_class.relfrozenxid)"
            ),
            .gauge(
                "relminmxid_age",
                "max(greatest(CASE WHEN l.relminmxid <> '0'::xid THEN mxid_age(l.relminmxid) END, mxid_age(o.relminmxid)))",
                other: .max,
                help: "Multixacts since the oldest in use in any partition, TOAST included (pg_class.relminmxid)"),
        ],
        per: .database, cost: .medium, group: true, limit: .relations(by: ["n_live_tup"]))
}
