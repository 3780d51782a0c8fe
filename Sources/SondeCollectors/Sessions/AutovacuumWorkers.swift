package import Sonde

extension Definition {
    /// Autovacuum's workers: how many of those that there may be are busy, and with what urgency.
    ///
    /// A worker says by its query, whose text is the server's own, that it works against wraparound; nothing cancels such a worker.
    package static let autovacuumWorkers = Definition(
        "autovacuum_workers", help: "Workers of autovacuum (pg_stat_activity, autovacuum_max_workers)",
        from: "pg_stat_activity AS a WHERE a.backend_type = 'autovacuum worker'",
        columns: [
            .gauge("running", "count(*)", help: "Workers that run (pg_stat_activity.backend_type)"),
            .gauge(
                "max", "current_setting('autovacuum_max_workers')::integer",
                help: "Most workers that may run at a time (pg_settings.autovacuum_max_workers)"),
            .gauge(
                "wraparound", "count(*) FILTER (WHERE a.query LIKE '%(to prevent wraparound)')",
                help: "Workers that run to prevent wraparound (pg_stat_activity.query)"),
            .gauge(
                "oldest_seconds", "max(clock_timestamp() - a.xact_start)", in: .seconds,
                help: "Longest time that a worker has been at its table (pg_stat_activity.xact_start)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]))
}
