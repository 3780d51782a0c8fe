package import Sonde

extension Definition {
    /// `pg_stat_user_indexes` with `pg_statio_user_indexes`, in every database.
    ///
    /// The blocks are computed as the second view does; a join with it would double the time, for each view joins four catalogues.
    /// Indexes of temporary tables are left out, as in ``table``. They are ranked by their scans and what those returned.
    package static let index = Definition(
        "index", help: "Use of indexes (pg_stat_user_indexes, pg_statio_user_indexes)",
        from: """
            pg_stat_user_indexes AS s JOIN pg_class AS c ON c.oid = s.indexrelid AND c.relpersistence <> 't'
            JOIN pg_index AS x ON x.indexrelid = s.indexrelid
            """,
        columns: [
            .label("schemaname", "s.schemaname"),
            .label("relname", "s.relname"),
            .label("indexrelname", "s.indexrelname"),
            .counter("idx_scan_total", "s.idx_scan", help: "Scans begun (pg_stat_user_indexes.idx_scan)"),
            .gauge(
                "last_idx_scan_timestamp_seconds", [16: "s.last_idx_scan"], in: .timestamp,
                help: "When a scan last ended (pg_stat_user_indexes.last_idx_scan)"),
            .counter(
                "idx_tup_read_total", "s.idx_tup_read",
                help: "Entries that scans returned (pg_stat_user_indexes.idx_tup_read)"),
            .counter(
                "idx_tup_fetch_total", "s.idx_tup_fetch",
                help: "Live rows that simple scans fetched (pg_stat_user_indexes.idx_tup_fetch)"),
            .counter(
                "idx_blks_read_total",
                "pg_stat_get_blocks_fetched(s.indexrelid) - pg_stat_get_blocks_hit(s.indexrelid)",
                help: "Blocks not found in shared buffers (pg_statio_user_indexes.idx_blks_read)"),
            .counter(
                "idx_blks_hit_total", "pg_stat_get_blocks_hit(s.indexrelid)",
                help: "Blocks found in shared buffers (pg_statio_user_indexes.idx_blks_hit)"),
            .gauge(
                "valid", "x.indisvalid", other: .min,
                help: "0 if queries cannot use it, as after CREATE INDEX CONCURRENTLY failed (pg_index.indisvalid)"),
            .gauge(
                "ready", "x.indisready",
                other: .min,
                help:
                    "0 if writes do not maintain it, while it is being built or after that failed (pg_index.indisready)"
            ),
            .gauge("unique", "x.indisunique", help: "1 if it enforces uniqueness (pg_index.indisunique)"),
            .gauge(
                "stats_reset_timestamp_seconds", [19: "s.stats_reset"], in: .timestamp,
                help: "When these counters were last reset (pg_stat_user_indexes.stats_reset)"),
        ],
        per: .database, cost: .medium,
        limit: .relations(by: ["idx_scan_total", "idx_tup_read_total"], since: [19: "s.stats_reset"]))
}
