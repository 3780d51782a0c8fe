package import Sonde

extension Definition {
    /// `pg_locks`, the waits for rows included, which are locks on `transactionid` and `tuple`.
    ///
    /// Locks on transactions have no database of their own: they count for that of the session. Locks on shared objects have none at
    /// all. Databases, kinds of locks (a dozen) and modes (nine) bound the number of series.
    package static let locks = Definition(
        "locks", help: "Locks that are held and waited for (pg_locks)",
        from: """
            pg_locks AS l LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
            LEFT JOIN pg_database AS d ON d.oid = coalesce(l.database, a.datid)
            """,
        columns: [
            .label("datname", "d.datname"),
            .label("locktype", "l.locktype"),
            .label("mode", "l.mode"),
            .gauge("granted", "count(*) FILTER (WHERE l.granted)", help: "Locks that are held (pg_locks.granted)"),
            .gauge(
                "waiting", "count(*) FILTER (WHERE NOT l.granted)",
                help: "Locks that sessions wait for (pg_locks.granted is false)"),
            .gauge(
                "fastpath", "count(*) FILTER (WHERE l.fastpath)",
                help: "Locks that were taken without the shared lock table (pg_locks.fastpath)"),
            .gauge(
                "longest_wait_seconds", [14: "max(clock_timestamp() - l.waitstart) FILTER (WHERE NOT l.granted)"],
                in: .seconds, help: "Longest time that a session has waited by now (pg_locks.waitstart)"),
        ],
        group: true)
}
