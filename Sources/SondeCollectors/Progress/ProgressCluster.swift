package import Sonde

extension Definition {
    /// Tables that are written anew: `pg_stat_progress_cluster`, since 19 `pg_stat_progress_repack`.
    package static let progressCluster = Definition(
        "progress_cluster", help: "CLUSTER, VACUUM FULL and REPACK under way (pg_stat_progress_cluster)",
        from: [13: Progress.from(view), 19: Progress.from("pg_stat_progress_repack")],
        columns: Progress.table + [
            .label("command", "p.command"),
            .label("phase", "p.phase"),
        ] + Progress.processes(of: view) + [
            Progress.blocks("heap_bytes", "heap_blks_total", of: view, help: "Size of the table"),
            Progress.blocks("heap_scanned_bytes", "heap_blks_scanned", of: view, help: "What was scanned"),
            Progress.amount(
                "heap_tuples_scanned", "heap_tuples_scanned", of: view, help: "Rows that were scanned"),
            .gauge(
                "heap_tuples_written", [13: "sum(p.heap_tuples_written)", 19: "sum(p.heap_tuples_inserted)"],
                help: "Rows that were written (pg_stat_progress_cluster.heap_tuples_written)"),
            .gauge(
                "heap_tuples_updated", [19: "sum(p.heap_tuples_updated)"],
                help: "Rows updated to catch up (pg_stat_progress_repack.heap_tuples_updated)"),
            .gauge(
                "heap_tuples_deleted", [19: "sum(p.heap_tuples_deleted)"],
                help: "Rows deleted to catch up (pg_stat_progress_repack.heap_tuples_deleted)"),
            Progress.amount("indexes_rebuilt", "index_rebuild_count", of: view, help: "Indexes that were rebuilt"),
        ],
        per: .database, requires: .init(roles: ["pg_read_all_stats"]), cost: .medium, group: true)

    private static let view = "pg_stat_progress_cluster"
}
