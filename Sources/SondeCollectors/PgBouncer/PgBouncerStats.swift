package import Sonde

extension Definition {
    /// `SHOW STATS`, the totals only, for Prometheus makes better averages of them.
    ///
    /// Columns that a version does not have are left out.
    package static let pgbouncerStats = Definition(
        "pgbouncer_stats", help: "What went through PgBouncer, by database (SHOW STATS)",
        query: "SHOW STATS",
        columns: [
            .label("datname", "database"),
            .counter("xact_total", "total_xact_count", help: "Transactions pooled (SHOW STATS.total_xact_count)"),
            .counter("query_total", "total_query_count", help: "Commands pooled (SHOW STATS.total_query_count)"),
            .counter(
                "server_assignment_total", ["1.23": "total_server_assignment_count"],
                help:
                    "Times that a client was given a connection to a server (SHOW STATS.total_server_assignment_count)"),
            .counter(
                "received_bytes_total", "total_received", in: .bytes,
                help: "Traffic received from clients (SHOW STATS.total_received)"),
            .counter(
                "sent_bytes_total", "total_sent", in: .bytes, help: "Traffic sent to clients (SHOW STATS.total_sent)"),
            .counter(
                "xact_time_seconds_total", "total_xact_time", in: .microseconds,
                help: "Time in transactions, also when idle in them (SHOW STATS.total_xact_time)"),
            .counter(
                "query_time_seconds_total", "total_query_time", in: .microseconds,
                help: "Time that servers worked on commands (SHOW STATS.total_query_time)"),
            .counter(
                "wait_time_seconds_total", "total_wait_time", in: .microseconds,
                help: "Time that clients waited for a server (SHOW STATS.total_wait_time)"),
            .counter(
                "client_parse_total", ["1.24": "total_client_parse_count"],
                help: "Prepared statements that clients made (SHOW STATS.total_client_parse_count)"),
            .counter(
                "server_parse_total", ["1.24": "total_server_parse_count"],
                help: "Prepared statements that PgBouncer made on servers (SHOW STATS.total_server_parse_count)"),
            .counter(
                "bind_total", ["1.24": "total_bind_count"],
                help: "Prepared statements made ready to run (SHOW STATS.total_bind_count)"),
            .counter(
                "client_login_total", ["1.26": "total_client_login_count"],
                help: "Logins of clients (SHOW STATS.total_client_login_count)"),
        ],
        kind: .pgbouncer)
}
