extension TruthCase {
    /// What is checked, server first.
    static let all: [TruthCase] =
        server + databases + writing + replication + relations + settings
        + serverFacts + databaseFacts + sessionFacts
        + storage + walFiles + receiving + subscriptions

    private static let server: [TruthCase] =
        [
            .one("pg_server_start_timestamp_seconds", "extract(epoch FROM pg_postmaster_start_time())"),
            .one("pg_server_config_load_timestamp_seconds", "extract(epoch FROM pg_conf_load_time())"),
            .one("pg_server_in_recovery", "pg_is_in_recovery()::int"),
            .one("pg_server_timeline", "timeline_id FROM pg_control_checkpoint()"),
            TruthCase(
                family: "pg_server_info", labels: ["version", "system_identifier"],
                sql: "SELECT current_setting('server_version'), system_identifier, 1 FROM pg_control_system()"),
            // Not the sessions that look: those of the role that does nothing but wait.
            TruthCase(
                family: "pg_activity_sessions", labels: ["datname", "usename", "backend_type", "state"],
                sql:
                    "SELECT datname, usename, backend_type, state, count(*) FROM pg_stat_activity WHERE usename = 'worker' GROUP BY 1, 2, 3, 4",
                isWhole: false),
            // Processes without a database, a user and a state.
            TruthCase(
                family: "pg_activity_sessions", labels: ["datname", "usename", "backend_type", "state"],
                sql: """
                    SELECT datname, usename, backend_type, state, count(*) FROM pg_stat_activity
                    WHERE backend_type IN ('checkpointer', 'background writer') GROUP BY 1, 2, 3, 4
                    """, isWhole: false),
            TruthCase(
                family: "pg_activity_oldest_transaction_seconds", labels: ["usename"],
                sql:
                    "SELECT usename, extract(epoch FROM max(clock_timestamp() - xact_start)) FROM pg_stat_activity WHERE usename = 'worker' GROUP BY 1",
                isWhole: false),
            TruthCase(
                family: "pg_activity_oldest_backend_xid_age", labels: ["usename"],
                sql: "SELECT usename, max(age(backend_xid)) FROM pg_stat_activity WHERE usename = 'worker' GROUP BY 1",
                isWhole: false),
            TruthCase(
                family: "pg_wait_events_sessions", labels: ["datname", "state", "wait_event_type", "wait_event"],
                sql:
                    "SELECT datname, state, wait_event_type, wait_event, count(*) FROM pg_stat_activity WHERE usename = 'worker' GROUP BY 1, 2, 3, 4",
                isWhole: false),
        ]
        + view(
            "locks", [("datname", "'shop'"), ("locktype", "locktype"), ("mode", "mode")],
            "pg_locks WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock' GROUP BY locktype, mode",
            onStandby: false, isWhole: false,
            [
                "granted": "count(*) FILTER (WHERE granted)", "waiting": "count(*) FILTER (WHERE NOT granted)",
                "fastpath": "count(*) FILTER (WHERE fastpath)",
            ])
        + view(
            "locks", [("datname", "'shop'"), ("locktype", "locktype"), ("mode", "mode")],
            "pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'transactionid' AND usename = 'worker' GROUP BY locktype, mode",
            onStandby: false, isWhole: false, ["granted": "count(*) FILTER (WHERE granted)"])
        + view(
            "locks", [("datname", "'shop'"), ("mode", "mode")], "pg_locks WHERE NOT granted GROUP BY mode",
            majors: 14...99,
            onStandby: false, isWhole: false,
            ["longest_wait_seconds": "extract(epoch FROM max(clock_timestamp() - waitstart))"])

    private static let databases: [TruthCase] =
        view(
            "database", [("datname", "datname")], "pg_stat_database",
            counters(
                "xact_commit", "xact_rollback", "blks_read", "blks_hit", "tup_returned", "tup_fetched", "tup_inserted",
                "tup_updated", "tup_deleted", "conflicts", "temp_files", "temp_bytes", "deadlocks", "checksum_failures"
            ).merging(times("blk_read_time", "blk_write_time")) { $1 }
                .merging(timestamps(["stats_reset": "stats_reset"])) { $1 })
        + view(
            "database", [("datname", "datname")], "pg_stat_database", majors: 14...99,
            counters("sessions", "sessions_abandoned", "sessions_fatal", "sessions_killed")
                .merging(times("session_time", "active_time", "idle_in_transaction_time")) { $1 })
        + view(
            "database", [("datname", "datname")], "pg_stat_database", majors: 18...99,
            counters("parallel_workers_to_launch", "parallel_workers_launched"))
        + view(
            "database", [("datname", "datname")], "pg_stat_database WHERE datname = 'template1'", isWhole: false,
            gauges("numbackends"))
        + view(
            "database", [("datname", "datname")], "pg_database", ["connection_limit": "datconnlimit"])
        + view(
            "database_size", [("datname", "datname")], "pg_database WHERE NOT datistemplate",
            ["bytes": "pg_database_size(oid)"])
        + view(
            "wraparound", [("datname", "datname")], "pg_database",
            ["datfrozenxid_age": "age(datfrozenxid)", "datminmxid_age": "mxid_age(datminmxid)"])

    private static let writing: [TruthCase] =
        view(
            "bgwriter", [], "pg_stat_bgwriter",
            counters("buffers_clean", "maxwritten_clean", "buffers_alloc")
                .merging(timestamps(["stats_reset": "stats_reset"])) { $1 })
        + view(
            "bgwriter", [], "pg_stat_bgwriter", majors: 13...16, counters("buffers_backend", "buffers_backend_fsync"))
        + view(
            "checkpointer", [], "pg_stat_bgwriter", majors: 13...16,
            [
                "num_timed_total": "checkpoints_timed", "num_requested_total": "checkpoints_req",
                "buffers_written_total": "buffers_checkpoint",
                "write_time_seconds_total": "checkpoint_write_time / 1000.0",
                "sync_time_seconds_total": "checkpoint_sync_time / 1000.0",
            ])
        + view(
            "checkpointer", [], "pg_stat_checkpointer", majors: 17...99,
            counters(
                "num_timed", "num_requested", "restartpoints_timed", "restartpoints_req", "restartpoints_done",
                "buffers_written"
            ).merging(times("write_time", "sync_time")) { $1 })
        + view("checkpointer", [], "pg_stat_checkpointer", majors: 18...99, counters("num_done", "slru_written"))
        + view(
            "wal", [], "pg_stat_wal", majors: 14...99,
            [
                "records_total": "wal_records", "fpi_total": "wal_fpi", "bytes_total": "wal_bytes",
                "buffers_full_total": "wal_buffers_full",
            ])
        + view(
            "wal", [], "pg_stat_wal", majors: 14...17,
            [
                "write_total": "wal_write", "sync_total": "wal_sync",
                "write_time_seconds_total": "wal_write_time / 1000.0",
                "sync_time_seconds_total": "wal_sync_time / 1000.0",
            ])
        + view(
            "archiver", [], "pg_stat_archiver",
            counters("archived_count", "failed_count").merging(
                timestamps([
                    "last_archived": "last_archived_time", "last_failed": "last_failed_time",
                    "stats_reset": "stats_reset",
                ])
            ) { $1 })
        + [
            .one(
                "pg_wal_position_insert_bytes", "pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')", onStandby: false),
            .one("pg_wal_position_current_bytes", "pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')", onStandby: false),
            .one("pg_wal_position_flush_bytes", "pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')", onStandby: false),
            .one("pg_wal_position_receive_bytes", "pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')", onStandby: true),
            .one("pg_wal_position_replay_bytes", "pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')", onStandby: true),
            .one("pg_wal_position_replay_paused", "pg_is_wal_replay_paused()::int", onStandby: true),
            .one(
                "pg_wal_position_replayed_xact_timestamp_seconds",
                "extract(epoch FROM pg_last_xact_replay_timestamp())",
                onStandby: true),
        ]

    private static let replication: [TruthCase] =
        view(
            "replication",
            [
                ("application_name", "application_name"), ("usename", "usename"), ("client_addr", "host(client_addr)"),
            ],
            "pg_stat_replication", onStandby: false,
            [
                "sent_lsn_bytes": "sent_lsn - '0/0'::pg_lsn", "write_lsn_bytes": "write_lsn - '0/0'::pg_lsn",
                "flush_lsn_bytes": "flush_lsn - '0/0'::pg_lsn", "replay_lsn_bytes": "replay_lsn - '0/0'::pg_lsn",
                "sync_priority": "sync_priority",
                "backend_start_timestamp_seconds": "extract(epoch FROM backend_start)",
            ])
        // A decoder is behind for a moment after every record.
        + view(
            "replication", [("application_name", "application_name")],
            "pg_stat_replication WHERE application_name = 'standby1'", onStandby: false, isWhole: false,
            [
                "sent_lag_bytes": "pg_current_wal_lsn() - sent_lsn",
                "replay_lag_bytes": "pg_current_wal_lsn() - replay_lsn",
            ])
        + view(
            "replication_state",
            [
                ("application_name", "application_name"), ("client_addr", "host(client_addr)"), ("state", "state"),
                ("sync_state", "sync_state"),
            ], "pg_stat_replication", ["walsenders": "1"])
        + view(
            "replication_slot", [("slot_name", "slot_name")], "pg_replication_slots", onStandby: false,
            [
                "active": "active::int", "temporary": "temporary::int",
                "retained_bytes": "pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)",
                "restart_lsn_bytes": "restart_lsn - '0/0'::pg_lsn",
                "confirmed_flush_lsn_bytes": "confirmed_flush_lsn - '0/0'::pg_lsn",
                "safe_wal_size_bytes": "safe_wal_size", "catalog_xmin_age": "age(catalog_xmin)",
                "xmin_age": "age(xmin)",
            ])
        + view(
            "replication_slot", [("slot_name", "slot_name")], "pg_replication_slots WHERE slot_name = 'changes'",
            onStandby: false, isWhole: false,
            ["confirmed_flush_lag_bytes": "pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)"])
        + view(
            "replication_slot", [("slot_name", "slot_name")], "pg_replication_slots", majors: 14...99, onStandby: false,
            ["two_phase": "two_phase::int"])
        + view(
            "replication_slot", [("slot_name", "slot_name")], "pg_replication_slots", majors: 17...99, onStandby: false,
            [
                "failover": "failover::int", "synced": "synced::int",
                "inactive_since_timestamp_seconds": "extract(epoch FROM inactive_since)",
            ])
        + [
            TruthCase(
                family: "pg_replication_slot_info",
                labels: ["slot_name", "slot_type", "plugin", "datname", "wal_status"],
                sql: "SELECT slot_name, slot_type, plugin, database, wal_status, 1 FROM pg_replication_slots")
        ]

    private static let tableLabels = [
        (name: "datname", sql: "current_database()"), (name: "schemaname", sql: "schemaname"),
        (name: "relname", sql: "relname"),
    ]
    private static let indexLabels = tableLabels + [(name: "indexrelname", sql: "indexrelname")]

    private static let relations: [TruthCase] =
        view(
            "table", tableLabels, "pg_stat_user_tables", database: "shop",
            counters(
                "seq_scan", "seq_tup_read", "idx_scan", "idx_tup_fetch", "n_tup_ins", "n_tup_upd", "n_tup_del",
                "n_tup_hot_upd", "vacuum_count", "autovacuum_count", "analyze_count", "autoanalyze_count"
            ).merging(gauges("n_live_tup", "n_dead_tup", "n_mod_since_analyze", "n_ins_since_vacuum")) { $1 }
                .merging(
                    timestamps([
                        "last_vacuum": "last_vacuum", "last_analyze": "last_analyze",
                        "last_autovacuum": "last_autovacuum", "last_autoanalyze": "last_autoanalyze",
                    ])
                ) { $1 })
        + view(
            "table", tableLabels, "pg_stat_user_tables", majors: 16...99, database: "shop",
            counters("n_tup_newpage_upd").merging(
                timestamps(["last_seq_scan": "last_seq_scan", "last_idx_scan": "last_idx_scan"])
            ) { $1 })
        + view(
            "table", tableLabels, "pg_stat_user_tables", majors: 18...99, database: "shop",
            [
                "vacuum_time_seconds_total": "total_vacuum_time / 1000.0",
                "analyze_time_seconds_total": "total_analyze_time / 1000.0",
            ])
        + view(
            "table", tableLabels, "pg_statio_user_tables", database: "shop",
            counters(
                "heap_blks_read", "heap_blks_hit", "idx_blks_read", "idx_blks_hit", "toast_blks_read", "toast_blks_hit",
                "tidx_blks_read", "tidx_blks_hit"))
        + view(
            "table", tableLabels, "pg_stat_user_tables JOIN pg_class c ON c.oid = relid AND c.relkind = 'r'",
            database: "shop", isWhole: false,
            ["relfrozenxid_age": "age(c.relfrozenxid)", "relminmxid_age": "mxid_age(c.relminmxid)"]
        ).map { $0.qualified() }
        + view(
            "table_size", tableLabels,
            "pg_stat_user_tables JOIN pg_class c ON c.oid = relid AND c.relkind IN ('r', 'm')",
            database: "shop",
            [
                "bytes": "pg_table_size(relid)", "main_bytes": "pg_relation_size(relid)",
                "indexes_bytes": "pg_indexes_size(relid)",
            ]
        ).map { $0.qualified() }
        + view(
            "index", indexLabels, "pg_stat_user_indexes", database: "shop",
            counters("idx_scan", "idx_tup_read", "idx_tup_fetch"))
        + view(
            "index", indexLabels, "pg_stat_user_indexes", majors: 16...99, database: "shop",
            timestamps(["last_idx_scan": "last_idx_scan"]))
        + view(
            "index", indexLabels, "pg_statio_user_indexes", database: "shop", counters("idx_blks_read", "idx_blks_hit"))
        + view(
            "index", indexLabels, "pg_stat_user_indexes JOIN pg_index USING (indexrelid)", database: "shop",
            ["valid": "indisvalid::int", "unique": "indisunique::int"])
        + view(
            "index_size", indexLabels, "pg_stat_user_indexes", database: "shop",
            ["bytes": "pg_relation_size(indexrelid)"])

    /// Not what is set for the session that asks, nor what its socket has.
    private static let serverWide = """
        pg_settings WHERE source NOT IN ('client', 'session', 'user', 'database', 'database user', 'override')
        AND name !~ '^tcp_'
        """

    private static let settings: [TruthCase] = [
        TruthCase(
            family: "pg_settings_enabled", labels: ["name"],
            sql: "SELECT name, (setting = 'on')::int FROM \(serverWide) AND vartype = 'bool'", isWhole: false),
        TruthCase(
            family: "pg_settings_value", labels: ["name"],
            sql:
                "SELECT name, setting FROM \(serverWide) AND vartype IN ('integer', 'real') AND unit IS NULL AND setting !~ '^0[0-7]+$'",
            isWhole: false),
        TruthCase(
            family: "pg_settings_bytes", labels: ["name"],
            sql:
                "SELECT name, pg_size_bytes(current_setting(name)) FROM \(serverWide) AND unit ~ 'B$' AND setting::numeric > 0",
            isWhole: false),
        TruthCase(
            family: "pg_settings_seconds", labels: ["name"],
            sql:
                "SELECT name, extract(epoch FROM current_setting(name)::interval) FROM \(serverWide) AND unit ~ '^(us|ms|s|min|h|d)$' AND setting::numeric > 0",
            isWhole: false),
    ]

    /// With the view's own column where two tables of the SQL have one of that name.
    private func qualified() -> TruthCase {
        var copy = self
        copy = TruthCase(
            family: family, labels: labels,
            sql: sql.replacing("schemaname, relname,", with: "schemaname, pg_stat_user_tables.relname,"),
            majors: majors,
            database: database, onStandby: onStandby, isWhole: isWhole)
        return copy
    }
}
