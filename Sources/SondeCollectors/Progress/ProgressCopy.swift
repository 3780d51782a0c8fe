package import Sonde

extension Definition {
    /// `pg_stat_progress_copy`, which exists since 14.
    package static let progressCopy = Definition(
        "progress_copy", help: "COPY under way (pg_stat_progress_copy)",
        from: [14: Progress.from(view)],
        columns: Progress.table + [
            .label("command", "p.command"),
            .label("copy_type", "p.type"),
        ] + Progress.processes(of: view) + [
            .gauge(
                "bytes", "sum(nullif(p.bytes_total, 0))", in: .bytes,
                help: "Size of the file that is read; absent if there is none (pg_stat_progress_copy.bytes_total)"),
            .gauge(
                "processed_bytes", "sum(p.bytes_processed)", in: .bytes,
                help: "What was read or written (pg_stat_progress_copy.bytes_processed)"),
            Progress.amount(
                "tuples_processed", "tuples_processed", of: view, help: "Rows that were read or written"),
            Progress.amount(
                "tuples_excluded", "tuples_excluded", of: view, help: "Rows that the WHERE clause left out"),
            Progress.amount(
                "tuples_skipped", "tuples_skipped", of: view, since: 17, help: "Rows left out since they are malformed"),
        ],
        per: .database, requires: .init(roles: ["pg_read_all_stats"]), cost: .medium, group: true)

    private static let view = "pg_stat_progress_copy"
}
