package import Sonde

extension Definition {
    /// What runs: version, start, role, timeline.
    package static let server = Definition(
        "server", help: "The server's version and identity (server_version, pg_control_system(), cluster_name)",
        from: "(SELECT pg_is_in_recovery() AS in_recovery) AS s",
        columns: [
            .info("version", "current_setting('server_version')"),
            .info("system_identifier", "(SELECT c.system_identifier FROM pg_control_system() AS c)"),
            .info("cluster_name", "current_setting('cluster_name')"),
            .info("server_encoding", "current_setting('server_encoding')"),
            .info("wal_level", "current_setting('wal_level')"),
            .gauge(
                "start_timestamp_seconds", "pg_postmaster_start_time()", in: .timestamp,
                help: "When the server was started (pg_postmaster_start_time())"),
            .gauge(
                "config_load_timestamp_seconds", "pg_conf_load_time()", in: .timestamp,
                help: "When the configuration files were last loaded (pg_conf_load_time())"),
            .gauge(
                "in_recovery", "s.in_recovery",
                help: "1 on a standby and during recovery, 0 on a primary (pg_is_in_recovery())"),
            // After a promotion the control file shows the old timeline until the next checkpoint, which may take minutes.
            .gauge(
                "timeline",
                """
                CASE WHEN s.in_recovery
                THEN coalesce((SELECT r.received_tli FROM pg_stat_wal_receiver AS r),
                (SELECT c.timeline_id FROM pg_control_checkpoint() AS c))
                ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer END
                """,
                help: "Timeline that is written (pg_walfile_name()) or received (pg_stat_wal_receiver.received_tli)"),
        ])
}
