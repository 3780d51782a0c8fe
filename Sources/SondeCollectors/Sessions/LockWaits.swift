package import Sonde

extension Definition {
    /// `pg_stat_lock`: what waiting for locks has cost by now, where ``locks`` shows this moment.
    package static let lockWaits = Definition(
        "lock", help: "Waits for locks since the last reset (pg_stat_lock)",
        from: [19: "pg_stat_lock AS s"],
        columns: [
            .label("locktype", [19: "s.locktype"]),
            .counter(
                "waits_total", [19: "s.waits"],
                help: "Times that a session had to wait for a lock (pg_stat_lock.waits)"),
            .counter(
                "wait_time_seconds_total", [19: "s.wait_time"], in: .milliseconds,
                help: "Time that sessions waited for locks (pg_stat_lock.wait_time)"),
            .counter(
                "fastpath_exceeded_total", [19: "s.fastpath_exceeded"],
                help: "Locks that found no place on the fast path (pg_stat_lock.fastpath_exceeded)"),
            .gauge(
                "stats_reset_timestamp_seconds", [19: "s.stats_reset"], in: .timestamp,
                help: "When these counters were last reset (pg_stat_lock.stats_reset)"),
        ])
}
