package import Sonde

extension Definition {
    /// `pg_stat_activity`: how many sessions there are, and the oldest of what they do.
    ///
    /// At one time there are no more series than sessions, since every series stands for at least one; over time there are no more
    /// than pairs of database and user that connect, times seven states. Background processes have no database, no user and often
    /// no state.
    package static let activity = Definition(
        "activity", help: "Sessions by database, user, kind and state (pg_stat_activity)",
        from: "pg_stat_activity AS a",
        columns: [
            .label("datname", "a.datname"),
            .label("usename", "a.usename"),
            .label("backend_type", "a.backend_type"),
            .label("state", "a.state"),
            .gauge("sessions", "count(*)", help: "Sessions and background processes (rows of pg_stat_activity)"),
            .gauge(
                "oldest_session_seconds", "max(clock_timestamp() - a.backend_start)", in: .seconds,
                help: "Age of the oldest session (pg_stat_activity.backend_start)"),
            .gauge(
                "oldest_transaction_seconds", "max(clock_timestamp() - a.xact_start)", in: .seconds,
                help: "Age of the oldest transaction that is open (pg_stat_activity.xact_start)"),
            .gauge(
                "oldest_query_seconds", "max(clock_timestamp() - a.query_start) FILTER (WHERE a.state = 'active')",
                in: .seconds, help: "Age of the oldest query that is running (pg_stat_activity.query_start)"),
            .gauge(
                "oldest_state_seconds", "max(clock_timestamp() - a.state_change)", in: .seconds,
                help: "Longest time that a session has been in this state (pg_stat_activity.state_change)"),
            .gauge(
                "oldest_backend_xid_age", "max(age(a.backend_xid))",
                help: "Age, in transactions, of the oldest one that has written (pg_stat_activity.backend_xid)"),
            .gauge(
                "oldest_backend_xmin_age", "max(age(a.backend_xmin))",
                help: "Age, in transactions, of the oldest snapshot held (pg_stat_activity.backend_xmin)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]), group: true)
}
