/// What is to be said of functions of PostgreSQL's that a collector had better not call.
enum FunctionRule {
    /// What is wrong with a call; nil where nothing is known against it.
    ///
    /// - Parameters:
    ///   - name: the function's, in small letters.
    ///   - each: whether the definition goes relation by relation.
    /// - Returns: what it does, and what to do.
    static func warning(about name: String, each: Bool) -> String? {
        if let act = acts.first(where: { $0.names.contains { matches(name, $0) } }) {
            return "\(name)() \(act.what): a collector only reads"
        }
        if !each, opening.contains(name) {
            return "\(name)() opens relations and waits behind whoever holds a lock on one: write each: true"
        }
        return nil
    }

    private static func matches(_ name: String, _ pattern: String) -> Bool {
        pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
    }

    private static let acts: [(what: String, names: [String])] = [
        ("takes a lock that others wait for", ["pg_advisory_*", "pg_try_advisory_*"]),
        (
            "writes",
            [
                "nextval", "setval", "lo_create", "lo_creat", "lo_from_bytea", "lo_import", "lo_put", "lo_unlink",
                "lowrite", "pg_file_*", "pg_logical_emit_message", "pg_create_*", "pg_drop_*", "pg_copy_*",
                "pg_replication_slot_advance", "pg_replication_origin_*", "pg_import_system_collations",
            ]
        ),
        ("takes a transaction's number at each run", ["txid_current", "pg_current_xact_id"]),
        ("takes away what a replication slot holds", ["pg_logical_slot_get_*"]),
        ("forgets what the server has counted", ["pg_stat_reset*", "pg_stat_statements_reset"]),
        (
            "acts on the server or on other sessions",
            [
                "pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf", "pg_rotate_logfile*", "pg_switch_wal",
                "pg_promote", "pg_wal_replay_pause", "pg_wal_replay_resume", "pg_backup_start", "pg_backup_stop",
                "pg_start_backup", "pg_stop_backup", "pg_log_backend_memory_contexts", "pg_notify", "pg_prewarm",
                "pg_export_snapshot", "pg_log_standby_snapshot", "brin_summarize_*", "gin_clean_pending_list",
            ]
        ),
        ("changes the session that other collectors use", ["set_config", "setseed"]),
        ("only waits", ["pg_sleep", "pg_sleep_for", "pg_sleep_until"]),
        ("goes to another server, without the limits of this session", ["dblink", "dblink_*"]),
    ]

    private static let opening: Set<String> = [
        "pg_relation_size", "pg_table_size", "pg_indexes_size", "pg_total_relation_size", "pg_get_indexdef",
        "pg_get_expr", "pg_sequence_last_value", "pgstattuple", "pgstattuple_approx", "pgstatindex", "pgstatginindex",
        "pgstathashindex", "pg_relpages",
    ]
}
