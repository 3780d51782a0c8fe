package import Sonde

extension Definition {
    /// `pg_stat_user_functions`, in every database; empty while `track_functions` is `none`, as it is by default.
    ///
    /// Functions of one name are told apart by the types of their arguments.
    package static let function = Definition(
        "function", help: "Calls of functions that track_functions counts (pg_stat_user_functions)",
        from: "pg_stat_user_functions AS s JOIN pg_proc AS p ON p.oid = s.funcid",
        columns: [
            .label("schemaname", "s.schemaname"),
            .label("funcname", "s.funcname"),
            .label("proargtypes", "oidvectortypes(p.proargtypes)"),
            .counter("calls_total", "s.calls", help: "Calls (pg_stat_user_functions.calls)"),
            .counter(
                "time_seconds_total", "s.total_time", in: .milliseconds,
                help: "Time in it and in what it called (pg_stat_user_functions.total_time)"),
            .counter(
                "self_time_seconds_total", "s.self_time", in: .milliseconds,
                help: "Time in it alone (pg_stat_user_functions.self_time)"),
            .gauge(
                "stats_reset_timestamp_seconds", [19: "s.stats_reset"], in: .timestamp,
                help: "When these counters were last reset (pg_stat_user_functions.stats_reset)"),
        ],
        per: .database, cost: .medium, limit: .relations(by: ["time_seconds_total"], since: [19: "s.stats_reset"]),
        enabled: false)
}
