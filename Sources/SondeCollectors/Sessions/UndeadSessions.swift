package import Sonde

extension Definition {
    /// Sessions that send to a client that does not read: gone without a word, or asleep.
    ///
    /// PostgreSQL says what a session waits for at this moment, not since when; so a session counts once its query has lasted for two
    /// minutes. A client that reads a large result slowly looks the same from here.
    package static let undeadSessions = Definition(
        "undead", help: "Active sessions whose client does not read what they send (pg_stat_activity)",
        from: """
            pg_stat_activity AS a WHERE a.backend_type = 'client backend' AND a.state = 'active'
            AND a.wait_event_type = 'Client' AND a.wait_event = 'ClientWrite'
            AND a.query_start < clock_timestamp() - interval '2 minutes'
            """,
        columns: [
            .gauge(
                "sessions", "count(*)",
                help: "Sessions that wait in ClientWrite and whose query began two minutes ago or earlier "
                    + "(pg_stat_activity.wait_event)"),
            .gauge(
                "oldest_query_seconds", "max(clock_timestamp() - a.query_start)", in: .seconds,
                help: "Age of the oldest query among them (pg_stat_activity.query_start)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]))
}
