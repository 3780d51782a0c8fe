package import Sonde

extension Definition {
    /// `pg_stat_progress_analyze`.
    package static let progressAnalyze = Definition(
        "progress_analyze", help: "Analyzes under way (pg_stat_progress_analyze)",
        from: SQL(Progress.from(view)),
        columns: Progress.table + [
            .label("phase", "p.phase"),
            .label("started_by", [19: "p.started_by"]),
        ] + Progress.processes(of: view) + [
            Progress.blocks("sample_bytes", "sample_blks_total", of: view, help: "What will be sampled"),
            Progress.blocks("sample_scanned_bytes", "sample_blks_scanned", of: view, help: "What was sampled"),
            Progress.amount("ext_stats", "ext_stats_total", of: view, help: "Extended statistics to compute"),
            Progress.amount("ext_stats_computed", "ext_stats_computed", of: view, help: "Those that are done"),
            Progress.amount("child_tables", "child_tables_total", of: view, help: "Child tables to sample"),
            Progress.amount("child_tables_done", "child_tables_done", of: view, help: "Child tables that are done"),
            .gauge(
                "delay_seconds", [18: "sum(p.delay_time)"], in: .milliseconds,
                help: """
                    Time slept for vacuum_cost_delay; 0 without track_cost_delay_timing \
                    (pg_stat_progress_analyze.delay_time)
                    """),
        ],
        per: .database, requires: .init(roles: ["pg_read_all_stats"]), cost: .medium, group: true)

    private static let view = "pg_stat_progress_analyze"
}
