extension TruthCase {
    /// Who is connected, what is held, and who waits.
    static let sessionFacts: [TruthCase] =
        [
            .one("pg_snapshot_xids_total", "pg_snapshot_xmax(pg_current_snapshot())"),
            .one("pg_snapshot_running", "count(*) FROM pg_snapshot_xip(pg_current_snapshot())"),
            .one(
                "pg_snapshot_xmin_age",
                "pg_snapshot_xmax(s)::text::bigint - pg_snapshot_xmin(s)::text::bigint FROM pg_current_snapshot() s"),
            .one("pg_undead_sessions", "0"),
            .one("pg_autovacuum_workers_max", "current_setting('autovacuum_max_workers')"),
            .one(
                "pg_autovacuum_workers_wraparound",
                "count(*) FROM pg_stat_activity WHERE query LIKE 'autovacuum:%to prevent wraparound%'"),
            .one("pg_gssapi_authenticated_sessions", "count(*) FROM pg_stat_gssapi WHERE gss_authenticated"),
            .one("pg_gssapi_encrypted_sessions", "count(*) FROM pg_stat_gssapi WHERE encrypted"),
            .one(
                "pg_gssapi_delegated_sessions", "count(*) FROM pg_stat_gssapi WHERE credentials_delegated",
                majors: 16...99),
            .one("pg_blocking_sessions", "count(DISTINCT pid) FROM pg_locks WHERE NOT granted"),
            .one(
                "pg_blocking_longest_wait_seconds",
                "extract(epoch FROM max(clock_timestamp() - waitstart)) FROM pg_locks WHERE NOT granted",
                majors: 14...99),
            .one("pg_blocking_chain_depth", "count(DISTINCT pid) FROM pg_locks WHERE NOT granted"),
            .one(
                "pg_blocking_root_blockers",
                "count(DISTINCT b) FROM pg_locks, unnest(pg_blocking_pids(pid)) AS b WHERE NOT granted"),
            .one("pg_blocking_root_blockers_idle", "0"),
            .one("pg_blocking_root_blockers_prepared", "count(*) FROM pg_prepared_xacts"),
            .one(
                "pg_blocking_root_oldest_transaction_seconds",
                """
                extract(epoch FROM max(clock_timestamp() - xact_start)) FROM pg_stat_activity WHERE usename = 'worker'
                AND wait_event_type <> 'Lock'
                """),
        ]
        + view(
            "prepared_xacts", [("datname", "datname")], "pg_database WHERE datallowconn",
            ["transactions": "(SELECT count(*) FROM pg_prepared_xacts WHERE database = datname)"])
        + view(
            "ssl",
            [("datname", "datname"), ("usename", "usename"), ("version", "version"), ("cipher", "cipher")],
            "pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'worker' GROUP BY 1, 2, 3, 4",
            isWhole: false,
            [
                "sessions": "count(*)", "remote_sessions": "count(client_addr)",
                "certificate_sessions": "count(client_dn)",
            ])
        + view(
            "xmin_horizon", [("holder", "holder"), ("datname", "datname")],
            """
            (SELECT 'session' AS holder, 'shop' AS datname, backend_xid AS xid FROM pg_stat_activity
            WHERE usename = 'worker' UNION ALL SELECT 'slot_catalog', database, catalog_xmin FROM pg_replication_slots
            UNION ALL SELECT 'slot', database, xmin FROM pg_replication_slots) AS h WHERE xid IS NOT NULL GROUP BY 1, 2
            """, onStandby: false, isWhole: false, ["age": "max(age(xid))"])
        + view(
            "lock", [("locktype", "locktype")], "pg_stat_lock", majors: 19...99,
            [
                "waits_total": "waits", "wait_time_seconds_total": "wait_time / 1000.0",
                "fastpath_exceeded_total": "fastpath_exceeded",
                "stats_reset_timestamp_seconds": "extract(epoch FROM stats_reset)",
            ])
}
