package import Sonde

extension Definition {
    /// How many sessions there may be, and how many there are.
    ///
    /// Senders of WAL have slots of their own, and so have autovacuum's and other background workers.
    package static let connectionSlots = Definition(
        "connection_slots", help: "Sessions that there may be and are (max_connections, pg_stat_activity)",
        from: """
            (SELECT count(*) FILTER (WHERE a.backend_type = 'client backend') AS used,
            count(*) FILTER (WHERE a.backend_type = 'walsender') AS walsenders FROM pg_stat_activity AS a) AS s
            """,
        columns: [
            .gauge(
                "max", "current_setting('max_connections')::integer",
                help: "Most sessions that there may be, reserved ones included (pg_settings.max_connections)"),
            .gauge(
                "superuser_reserved", "current_setting('superuser_reserved_connections')::integer",
                help: "Slots of these that only superusers get (pg_settings.superuser_reserved_connections)"),
            .gauge(
                "reserved", [16: "current_setting('reserved_connections')::integer"],
                help: "Slots of these that only members of pg_use_reserved_connections get "
                    + "(pg_settings.reserved_connections)"),
            .gauge("used", "s.used", help: "Sessions of clients that there are (pg_stat_activity.backend_type)"),
            .gauge(
                "walsenders_max", "current_setting('max_wal_senders')::integer",
                help: "Most senders of WAL that there may be (pg_settings.max_wal_senders)"),
            .gauge(
                "walsenders_used", "s.walsenders",
                help: "Senders of WAL that there are (pg_stat_activity.backend_type)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]))
}
