extension TruthCase {
    /// What the server, its control file and its roles are.
    static let serverFacts: [TruthCase] =
        [
            TruthCase(
                family: "pg_server_info", labels: ["wal_level", "server_encoding", "cluster_name"],
                sql: """
                    SELECT current_setting('wal_level'), current_setting('server_encoding'),
                    current_setting('cluster_name'), 1
                    """),
            TruthCase(
                family: "pg_control_info", labels: ["pg_control_version", "catalog_version_no"],
                sql: "SELECT pg_control_version, catalog_version_no, 1 FROM pg_control_system()"),
            .one(
                "pg_control_last_modified_timestamp_seconds",
                "extract(epoch FROM pg_control_last_modified) FROM pg_control_system()"),
            .one("pg_control_relation_segment_bytes", "pg_size_bytes(current_setting('segment_size'))"),
            .one("pg_control_wal_segment_bytes", "pg_size_bytes(current_setting('wal_segment_size'))"),
            .one("pg_control_database_block_bytes", "current_setting('block_size')"),
            .one("pg_control_wal_block_bytes", "current_setting('wal_block_size')"),
            .one("pg_control_data_page_checksum_version", "(current_setting('data_checksums') = 'on')::int"),
            .one("pg_connection_slots_max", "current_setting('max_connections')"),
            .one("pg_connection_slots_superuser_reserved", "current_setting('superuser_reserved_connections')"),
            .one("pg_connection_slots_reserved", "current_setting('reserved_connections')", majors: 16...99),
            .one("pg_connection_slots_walsenders_max", "current_setting('max_wal_senders')"),
            .one(
                "pg_connection_slots_walsenders_used",
                "count(*) FROM pg_stat_activity WHERE backend_type = 'walsender'"),
            TruthCase(
                family: "pg_settings_pending_restart", labels: ["name"],
                sql: "SELECT name, 1 FROM pg_settings WHERE pending_restart"),
            TruthCase(
                family: "pg_settings_info", labels: ["name", "setting"],
                sql: """
                    SELECT name, setting, 1 FROM pg_settings WHERE (vartype = 'enum' AND name <> 'transaction_isolation'
                    OR name IN ('synchronous_standby_names', 'shared_preload_libraries', 'cluster_name', 'data_directory'))
                    AND source NOT IN ('client', 'session', 'user', 'database', 'database user') AND name NOT IN ('IntervalStyle', 'stats_fetch_consistency')
                    """, isWhole: false),
            TruthCase(
                family: "pg_extension_info", labels: ["datname", "extname", "extversion", "default_version"],
                sql: """
                    SELECT current_database(), extname, extversion, default_version, 1 FROM pg_extension
                    JOIN pg_available_extensions ON name = extname
                    """, database: "shop", isWhole: false),
            TruthCase(
                family: "pg_extension_update_available", labels: ["datname", "extname"],
                sql: "SELECT current_database(), extname, (extname = 'plpgsql')::int FROM pg_extension",
                database: "shop", isWhole: false),
        ]
        + view(
            "control_checkpoint", [], "pg_control_checkpoint()",
            [
                "timestamp_seconds": "extract(epoch FROM checkpoint_time)",
                "checkpoint_lsn_bytes": "checkpoint_lsn - '0/0'::pg_lsn", "redo_lsn_bytes": "redo_lsn - '0/0'::pg_lsn",
                "timeline": "timeline_id", "prev_timeline": "prev_timeline_id",
                "full_page_writes": "full_page_writes::int", "next_xid": "split_part(next_xid, ':', 2)",
                "next_oid": "next_oid", "next_multixact_id": "next_multixact_id",
                "next_multi_offset": "next_multi_offset", "oldest_xid_age": "age(oldest_xid)",
                "oldest_active_xid_age": "age(nullif(oldest_active_xid::text, '0')::xid)",
                "oldest_multi_xid_age": "mxid_age(oldest_multi_xid)",
            ])
        + view(
            "control_recovery", [], "pg_control_recovery()", onStandby: true,
            [
                "min_recovery_end_lsn_bytes": "min_recovery_end_lsn - '0/0'::pg_lsn",
                "min_recovery_end_timeline": "min_recovery_end_timeline",
                "end_of_backup_record_required": "end_of_backup_record_required::int",
            ])
        + view(
            "role", [("rolname", "rolname")], "pg_roles WHERE rolcanlogin AND rolvaliduntil IS NOT NULL",
            [
                "connection_limit": "rolconnlimit",
                "valid_until_timestamp_seconds": "extract(epoch FROM rolvaliduntil)",
                "connections": "(SELECT count(*) FROM pg_stat_activity WHERE usename = rolname)",
            ])
        + view(
            "role_attributes", [], "pg_roles WHERE rolcanlogin",
            [
                "login": "count(*)", "superuser": "sum(rolsuper::int)", "createrole": "sum(rolcreaterole::int)",
                "createdb": "sum(rolcreatedb::int)", "replication": "sum(rolreplication::int)",
                "bypassrls": "sum(rolbypassrls::int)", "expired": "sum((rolname = 'former')::int)",
            ])
}
