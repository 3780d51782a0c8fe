package import Sonde

extension Definition {
    /// `pg_stat_progress_vacuum`, autovacuum included; VACUUM FULL is in ``progressCluster``.
    ///
    /// Dead rows were counted until 16; since 17 their memory is measured, and they have other names.
    package static let progressVacuum = Definition(
        "progress_vacuum", help: "Vacuums under way (pg_stat_progress_vacuum)",
        from: SQL(Progress.from(view)),
        columns: Progress.table + [
            .label("phase", "p.phase"),
            .label("mode", [19: "p.mode"]),
            .label("started_by", [19: "p.started_by"]),
        ] + Progress.processes(of: view) + [
            Progress.blocks("heap_bytes", "heap_blks_total", of: view, help: "Size of the table"),
            Progress.blocks("heap_scanned_bytes", "heap_blks_scanned", of: view, help: "What was scanned or skipped"),
            Progress.blocks("heap_vacuumed_bytes", "heap_blks_vacuumed", of: view, help: "What was vacuumed"),
            Progress.amount(
                "index_vacuum_rounds", "index_vacuum_count", of: view, help: "Times that all indexes were vacuumed"),
            Progress.amount(
                "max_dead_tuples", "max_dead_tuples", of: view, until: 17,
                help: "Dead rows that fit into memory before indexes are vacuumed, until 16"),
            Progress.amount(
                "num_dead_tuples", "num_dead_tuples", of: view, until: 17,
                help: "Dead rows collected since the indexes were last vacuumed, until 16"),
            .gauge(
                "max_dead_tuple_bytes", [17: "sum(p.max_dead_tuple_bytes)"], in: .bytes,
                help: "Memory for dead rows before indexes are vacuumed (pg_stat_progress_vacuum.max_dead_tuple_bytes)"),
            .gauge(
                "dead_tuple_bytes", [17: "sum(p.dead_tuple_bytes)"], in: .bytes,
                help: "Memory that dead rows take since then (pg_stat_progress_vacuum.dead_tuple_bytes)"),
            Progress.amount(
                "num_dead_item_ids", "num_dead_item_ids", of: view, since: 17,
                help: "Dead item pointers collected since the indexes were last vacuumed"),
            Progress.amount(
                "indexes", "indexes_total", of: view, since: 17, help: "Indexes that will be vacuumed or cleaned up"),
            Progress.amount(
                "indexes_processed", "indexes_processed", of: view, since: 17, help: "Indexes that are done"),
            .gauge(
                "delay_seconds", [18: "sum(p.delay_time)"], in: .milliseconds,
                help:
                    "Time slept for vacuum_cost_delay; 0 without track_cost_delay_timing (pg_stat_progress_vacuum.delay_time)"
            ),
        ],
        per: .database, requires: .init(roles: ["pg_read_all_stats"]), cost: .medium, group: true)

    private static let view = "pg_stat_progress_vacuum"
}
