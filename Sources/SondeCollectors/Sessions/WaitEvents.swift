package import Sonde

extension Definition {
    /// `pg_stat_activity`: what sessions wait for at this moment.
    ///
    /// Sampled over time it shows where time goes. The labels but the database come from closed lists of PostgreSQL's own, and from
    /// extensions that name their events; an empty `wait_event` is a session that does not wait. At one time there are no more series
    /// than sessions. Background processes have no database.
    package static let waitEvents = Definition(
        "wait_events", help: "Sessions by what they wait for (pg_stat_activity)",
        from: "pg_stat_activity AS a",
        columns: [
            .label("datname", "a.datname"),
            .label("backend_type", "a.backend_type"),
            .label("state", "a.state"),
            .label("wait_event_type", "a.wait_event_type"),
            .label("wait_event", "a.wait_event"),
            .gauge(
                "sessions", "count(*)",
                help: "Sessions that wait for this; empty is none (pg_stat_activity.wait_event)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]), group: true)
}
