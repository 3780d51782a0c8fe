package import Sonde

extension Definition {
    /// How many indexes of a table want attention, told from the catalogue and the counters alone.
    ///
    /// An index counts as unused if it was not scanned since the statistics began and is there for nothing else: not unique, of no constraint,
    /// no replica identity. A standby counts its own scans.
    package static let indexCheck = Definition(
        "index_check", help: "Indexes of tables that are invalid, unused or needless (pg_index)",
        from: SQL(
            """
            pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid
            JOIN pg_class AS t ON t.oid = x.indrelid AND t.relkind IN ('r', 'm') AND t.relpersistence <> 't'
            JOIN pg_namespace AS n ON n.oid = t.relnamespace
            LEFT JOIN (\(IndexCover.sql)) AS v ON v.indexrelid = x.indexrelid
            LEFT JOIN (SELECT DISTINCT conindid FROM pg_constraint WHERE conindid <> 0) AS k ON k.conindid = x.indexrelid
            WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
            """),
        columns: [
            .label("schemaname", "n.nspname"),
            .label("relname", "t.relname"),
            .gauge("indexes", "count(*)", other: .sum, help: "Indexes of the table (rows of pg_index)"),
            .gauge(
                "invalid_indexes", "count(*) FILTER (WHERE NOT x.indisvalid)",
                other: .sum, help: "Indexes that queries cannot use (pg_index.indisvalid)"),
            .gauge(
                "unready_indexes", "count(*) FILTER (WHERE NOT x.indisready)",
                other: .sum, help: "Indexes that writes do not maintain (pg_index.indisready)"),
            .gauge(
                "unused_indexes",
                """
                count(*) FILTER (WHERE pg_stat_get_numscans(x.indexrelid) = 0 AND x.indisvalid AND NOT x.indisunique
                AND NOT x.indisreplident AND k.conindid IS NULL)
                """,
                other: .sum, help: "Valid indexes without a scan that enforce nothing (pg_stat_user_indexes.idx_scan)"),
            .gauge(
                "duplicate_indexes", "count(*) FILTER (WHERE v.is_same)",
                other: .sum, help: "Indexes that have an equal, beyond the one to keep (pg_index.indkey)"),
            .gauge(
                "redundant_indexes", "count(*) FILTER (WHERE NOT v.is_same)",
                other: .sum, help: "Indexes whose columns another index begins with (pg_index.indkey)"),
        ],
        per: .database, cost: .medium, every: .seconds(300), group: true,
        limit: .relations(by: [
            "invalid_indexes", "unready_indexes", "unused_indexes", "duplicate_indexes", "redundant_indexes",
        ]))
}
