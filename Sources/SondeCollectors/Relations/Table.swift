package import Sonde

extension Definition {
    /// `pg_stat_user_tables` with `pg_statio_user_tables`, in every database.
    ///
    /// Temporary tables are left out: they come and go with sessions. What never happened, or is not known, has no sample: a table that
    /// was never vacuumed has no time of its last vacuum and a count of 0; a crash and a reset of the statistics make it one.
    /// They are ranked by the rows that were read and written.
    package static let table = Definition(
        "table", help: "Access to tables (pg_stat_user_tables, pg_statio_user_tables)",
        from: """
            pg_stat_user_tables AS s JOIN pg_class AS c ON c.oid = s.relid AND c.relpersistence <> 't'
            LEFT JOIN pg_statio_user_tables AS io ON io.relid = s.relid
            LEFT JOIN pg_class AS t ON t.oid = c.reltoastrelid
            """,
        columns: [
            .label("schemaname", "s.schemaname"),
            .label("relname", "s.relname"),
            .counter("seq_scan_total", "s.seq_scan", help: "Sequential scans begun (pg_stat_user_tables.seq_scan)"),
            .gauge(
                "last_seq_scan_timestamp_seconds", [16: "s.last_seq_scan"], in: .timestamp,
                help: "When a sequential scan last ended (pg_stat_user_tables.last_seq_scan)"),
            .counter(
                "seq_tup_read_total", "s.seq_tup_read",
                help: "Live rows read by sequential scans (pg_stat_user_tables.seq_tup_read)"),
            .counter("idx_scan_total", "s.idx_scan", help: "Index scans begun (pg_stat_user_tables.idx_scan)"),
            .gauge(
                "last_idx_scan_timestamp_seconds", [16: "s.last_idx_scan"], in: .timestamp,
                help: "When an index scan last ended (pg_stat_user_tables.last_idx_scan)"),
            .counter(
                "idx_tup_fetch_total", "s.idx_tup_fetch",
                help: "Live rows fetched by index scans (pg_stat_user_tables.idx_tup_fetch)"),
            .counter("n_tup_ins_total", "s.n_tup_ins", help: "Rows inserted (pg_stat_user_tables.n_tup_ins)"),
            .counter("n_tup_upd_total", "s.n_tup_upd", help: "Rows updated (pg_stat_user_tables.n_tup_upd)"),
            .counter("n_tup_del_total", "s.n_tup_del", help: "Rows deleted (pg_stat_user_tables.n_tup_del)"),
            .counter(
                "n_tup_hot_upd_total", "s.n_tup_hot_upd",
                help: "Rows updated without new index entries (pg_stat_user_tables.n_tup_hot_upd)"),
            .counter(
                "n_tup_newpage_upd_total", [16: "s.n_tup_newpage_upd"],
                help: "Rows whose update went to another page (pg_stat_user_tables.n_tup_newpage_upd)"),
            .gauge(
                "n_live_tup", "s.n_live_tup", other: .sum, help: "Live rows, estimated (pg_stat_user_tables.n_live_tup)"
            ),
            .gauge(
                "n_dead_tup", "s.n_dead_tup", other: .sum, help: "Dead rows, estimated (pg_stat_user_tables.n_dead_tup)"
            ),
            .gauge(
                "n_mod_since_analyze", "s.n_mod_since_analyze", other: .sum,
                help: "Rows changed since the last analyze, estimated (pg_stat_user_tables.n_mod_since_analyze)"),
            .gauge(
                "n_ins_since_vacuum", "s.n_ins_since_vacuum", other: .sum,
                help: "Rows inserted since the last vacuum, estimated (pg_stat_user_tables.n_ins_since_vacuum)"),
            .gauge(
                "last_vacuum_timestamp_seconds", "s.last_vacuum", in: .timestamp,
                help: "When somebody last vacuumed by hand; absent if never (pg_stat_user_tables.last_vacuum)"),
            .gauge(
                "last_autovacuum_timestamp_seconds", "s.last_autovacuum", in: .timestamp,
                help: "When autovacuum last vacuumed; absent if never (pg_stat_user_tables.last_autovacuum)"),
            .gauge(
                "last_analyze_timestamp_seconds", "s.last_analyze", in: .timestamp,
                help: "When somebody last analyzed by hand; absent if never (pg_stat_user_tables.last_analyze)"),
            .gauge(
                "last_autoanalyze_timestamp_seconds", "s.last_autoanalyze", in: .timestamp,
                help: "When autovacuum last analyzed; absent if never (pg_stat_user_tables.last_autoanalyze)"),
            .counter(
                "vacuum_count_total", "s.vacuum_count",
                help: "Vacuums by hand, VACUUM FULL not counted (pg_stat_user_tables.vacuum_count)"),
            .counter(
                "autovacuum_count_total", "s.autovacuum_count",
                help: "Vacuums by autovacuum (pg_stat_user_tables.autovacuum_count)"),
            .counter(
                "analyze_count_total", "s.analyze_count",
                help: "Analyzes by hand (pg_stat_user_tables.analyze_count)"),
            .counter(
                "autoanalyze_count_total", "s.autoanalyze_count",
                help: "Analyzes by autovacuum (pg_stat_user_tables.autoanalyze_count)"),
            .counter(
                "vacuum_time_seconds_total", [18: "s.total_vacuum_time"], in: .milliseconds,
                help: "Time spent on vacuums by hand (pg_stat_user_tables.total_vacuum_time)"),
            .counter(
                "autovacuum_time_seconds_total", [18: "s.total_autovacuum_time"], in: .milliseconds,
                help: "Time that autovacuum spent on vacuums (pg_stat_user_tables.total_autovacuum_time)"),
            .counter(
                "analyze_time_seconds_total", [18: "s.total_analyze_time"], in: .milliseconds,
                help: "Time spent on analyzes by hand (pg_stat_user_tables.total_analyze_time)"),
            .counter(
                "autoanalyze_time_seconds_total", [18: "s.total_autoanalyze_time"], in: .milliseconds,
                help: "Time that autovacuum spent on analyzes (pg_stat_user_tables.total_autoanalyze_time)"),
            .counter(
                "heap_blks_read_total", "io.heap_blks_read",
                help: "Blocks of the table not found in shared buffers (pg_statio_user_tables.heap_blks_read)"),
            .counter(
                "heap_blks_hit_total", "io.heap_blks_hit",
                help: "Blocks of the table found in shared buffers (pg_statio_user_tables.heap_blks_hit)"),
            .counter(
                "idx_blks_read_total", "io.idx_blks_read",
                help: "Blocks of its indexes not found in shared buffers (pg_statio_user_tables.idx_blks_read)"),
            .counter(
                "idx_blks_hit_total", "io.idx_blks_hit",
                help: "Blocks of its indexes found in shared buffers (pg_statio_user_tables.idx_blks_hit)"),
            .counter(
                "toast_blks_read_total", "io.toast_blks_read",
                help: "Blocks of its TOAST table not found in shared buffers (pg_statio_user_tables.toast_blks_read)"),
            .counter(
                "toast_blks_hit_total", "io.toast_blks_hit",
                help: "Blocks of its TOAST table found in shared buffers (pg_statio_user_tables.toast_blks_hit)"),
            .counter(
                "tidx_blks_read_total", "io.tidx_blks_read",
                help: "Blocks of the TOAST index not found in shared buffers (pg_statio_user_tables.tidx_blks_read)"),
            .counter(
                "tidx_blks_hit_total", "io.tidx_blks_hit",
                help: "Blocks of the TOAST index found in shared buffers (pg_statio_user_tables.tidx_blks_hit)"),
            .gauge(
                "relfrozenxid_age", "CASE WHEN c.relfrozenxid <> '0'::xid THEN age(c.relfrozenxid) END",
                other: .max, help: "Transactions since the oldest unfrozen one in it (pg_class.relfrozenxid)"),
            .gauge(
                "relminmxid_age", "CASE WHEN c.relminmxid <> '0'::xid THEN mxid_age(c.relminmxid) END",
                other: .max, help: "Multixacts since the oldest one in use in it (pg_class.relminmxid)"),
            .gauge(
                "toast_relfrozenxid_age", "age(t.relfrozenxid)",
                other: .max,
                help: "Transactions since the oldest unfrozen one in its TOAST table (pg_class.relfrozenxid)"),
            .gauge(
                "toast_relminmxid_age", "mxid_age(t.relminmxid)",
                other: .max, help: "Multixacts since the oldest one in use in its TOAST table (pg_class.relminmxid)"),
            .gauge(
                "stats_reset_timestamp_seconds", [19: "s.stats_reset"], in: .timestamp,
                help: "When these counters were last reset (pg_stat_user_tables.stats_reset)"),
        ],
        per: .database, cost: .medium,
        limit: .relations(
            by: ["seq_tup_read_total", "idx_tup_fetch_total", "n_tup_ins_total", "n_tup_upd_total", "n_tup_del_total"],
            since: [19: "s.stats_reset"]))
}
