package import Sonde

extension Definition {
    /// `pg_stat_progress_create_index`, REINDEX included.
    ///
    /// Only what is built `CONCURRENTLY`, or anew, has a name already. Several plain CREATE INDEX on one table show as one.
    package static let progressCreateIndex = Definition(
        "progress_create_index", help: "Indexes that are being built (pg_stat_progress_create_index)",
        from: SQL(Progress.from(view, joining: "LEFT JOIN pg_class AS i ON i.oid = p.index_relid")),
        columns: Progress.table + [
            .label("indexrelname", "i.relname"),
            .label("command", "p.command"),
            .label("phase", "p.phase"),
        ] + Progress.processes(of: view) + [
            Progress.amount("lockers", "lockers_total", of: view, help: "Transactions to wait for"),
            Progress.amount("lockers_done", "lockers_done", of: view, help: "Transactions that were waited for"),
            Progress.blocks("bytes", "blocks_total", of: view, help: "What the phase has to go through"),
            Progress.blocks("done_bytes", "blocks_done", of: view, help: "What the phase has gone through"),
            Progress.amount("tuples", "tuples_total", of: view, help: "Rows that the phase has to go through"),
            Progress.amount("tuples_done", "tuples_done", of: view, help: "Rows that it has gone through"),
            Progress.amount("partitions", "partitions_total", of: view, help: "Partitions that get the index"),
            Progress.amount("partitions_done", "partitions_done", of: view, help: "Partitions that have it"),
        ],
        per: .database, requires: .init(roles: ["pg_read_all_stats"]), cost: .medium, group: true)

    private static let view = "pg_stat_progress_create_index"
}
