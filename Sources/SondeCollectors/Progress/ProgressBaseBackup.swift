package import Sonde

extension Definition {
    /// `pg_stat_progress_basebackup`: backups that are being streamed from this server, primary or standby.
    package static let progressBaseBackup = Definition(
        "progress_basebackup", help: "Base backups under way (pg_stat_progress_basebackup)",
        from: "pg_stat_progress_basebackup AS p LEFT JOIN pg_stat_activity AS a ON a.pid = p.pid",
        columns: [
            .label("phase", "p.phase"),
            .label("backup_type", [19: "p.backup_type"]),
        ] + Progress.processes(of: view) + [
            .gauge(
                "bytes", "sum(p.backup_total)", in: .bytes,
                help: "Estimated size; absent without an estimate (pg_stat_progress_basebackup.backup_total)"),
            .gauge(
                "streamed_bytes", "sum(p.backup_streamed)", in: .bytes,
                help: "What was streamed, which may exceed the estimate (pg_stat_progress_basebackup.backup_streamed)"),
            Progress.amount("tablespaces", "tablespaces_total", of: view, help: "Tablespaces to stream"),
            Progress.amount("tablespaces_streamed", "tablespaces_streamed", of: view, help: "Those that are done"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]), group: true)

    private static let view = "pg_stat_progress_basebackup"
}
