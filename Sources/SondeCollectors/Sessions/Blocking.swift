package import Sonde

extension Definition {
    /// Who waits for whom, in sums.
    ///
    /// `pg_blocking_pids()` holds up all of the lock table for a moment, so it is asked for the sessions that wait, and for no more than
    /// fifty of them: those that have waited longest, behind which the others wait. A process of 0 is a prepared transaction.
    package static let blocking = Definition(
        "blocking", help: "Sessions that wait for locks, and those that all wait for (pg_locks, pg_blocking_pids())",
        from: [13: blockingSource(waitStart: "NULL::timestamptz"), 14: blockingSource(waitStart: "l.waitstart")],
        columns: [
            .gauge("sessions", "b.sessions", help: "Sessions that wait for a lock (pg_locks.granted is false)"),
            .gauge(
                "longest_wait_seconds", [14: "b.longest_wait"], in: .seconds,
                help: "Longest time that a session has waited for a lock by now (pg_locks.waitstart)"),
            .gauge(
                "chain_depth", "b.depth",
                help: "Most sessions that wait one behind the other, up to 50 (pg_blocking_pids())"),
            .gauge(
                "root_blockers", "b.roots",
                help: "Sessions and prepared transactions that block others and do not wait (pg_blocking_pids())"),
            .gauge(
                "root_blockers_idle", "b.idle",
                help: "Those of them that are idle in a transaction (pg_stat_activity.state)"),
            .gauge(
                "root_blockers_prepared", "b.prepared",
                help: "1 if prepared transactions are among them (pg_blocking_pids() is 0)"),
            .gauge(
                "root_oldest_transaction_seconds", "b.oldest", in: .seconds,
                help: "Age of the oldest transaction of a session among them (pg_stat_activity.xact_start)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]))

    private static func blockingSource(waitStart: String) -> String {
        """
        (WITH RECURSIVE waiting AS MATERIALIZED (
        SELECT l.pid, min(\(waitStart)) AS since FROM pg_locks AS l
        WHERE NOT l.granted AND l.pid IS NOT NULL GROUP BY l.pid),
        edge AS MATERIALIZED (
        SELECT DISTINCT w.pid, b.pid AS blocker
        FROM (SELECT v.pid FROM waiting AS v ORDER BY v.since NULLS LAST, v.pid LIMIT 50) AS w
        CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS b (pid)),
        root AS MATERIALIZED (
        SELECT DISTINCT e.blocker AS pid FROM edge AS e WHERE e.blocker NOT IN (SELECT w.pid FROM waiting AS w)),
        chain AS (
        SELECT r.pid, 0 AS depth FROM root AS r
        UNION SELECT e.pid, c.depth + 1 FROM chain AS c JOIN edge AS e ON e.blocker = c.pid WHERE c.depth < 50)
        SELECT (SELECT count(*) FROM waiting) AS sessions,
        (SELECT clock_timestamp() - min(w.since) FROM waiting AS w) AS longest_wait,
        (SELECT coalesce(max(c.depth), 0) FROM chain AS c) AS depth,
        count(r.pid) AS roots,
        count(*) FILTER (WHERE a.state LIKE 'idle in transaction%') AS idle,
        count(*) FILTER (WHERE r.pid = 0) AS prepared,
        max(clock_timestamp() - a.xact_start) AS oldest
        FROM root AS r LEFT JOIN pg_stat_activity AS a ON a.pid = r.pid) AS b
        """
    }
}
