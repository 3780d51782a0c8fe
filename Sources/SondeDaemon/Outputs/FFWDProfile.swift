/// The names, units and attributes of Spotify's postgresql-metrics 0.3.3, from metrics of ours.
///
/// An attribute that they do not have is there where two things of one name would otherwise be one: `schema`, `application_name`, and
/// `server` where there are several. What cannot be known is not sent, where they send 0.
enum FFWDProfile {
    static let metrics: [FFWDMetric] = perDatabase + perServer

    private static let database = [(ours: "datname", theirs: "database")]
    private static let table =
        database + [(ours: "schemaname", theirs: "schema"), (ours: "relname", theirs: "table")]
    private static let transactions = [(name: "type", value: "transactions")]
    private static let heapReads = [(name: "type", value: "heap-reads")]
    private static let locks = [(name: "type", value: "locks")]
    private static let databaseReset = "pg_database_stats_reset_timestamp_seconds"
    private static let wraparound = 2_147_483_647.0

    private static let perDatabase: [FFWDMetric] = [
        FFWDMetric(
            "get_stats_disk_usage_for_database", "database-size", unit: "B", labels: database,
            from: ["pg_database_size_bytes"]),
        FFWDMetric(
            "get_stats_tx_rate_for_database", "transaction-rate", unit: "transaction", fixed: transactions,
            labels: database, from: ["pg_database_xact_commit_total", "pg_database_xact_rollback_total"],
            formula: .rate,
            reset: databaseReset),
        FFWDMetric(
            "get_stats_tx_rate_for_database", "transaction-rollbacks", unit: "transaction", fixed: transactions,
            labels: database, from: ["pg_database_xact_rollback_total"], formula: .rate, reset: databaseReset),
        FFWDMetric(
            "get_stats_seconds_since_last_vacuum_per_table", "last-vacuum", unit: "s", labels: table,
            from: ["pg_table_last_vacuum_timestamp_seconds", "pg_table_last_autovacuum_timestamp_seconds"],
            formula: .age),
        FFWDMetric(
            "get_stats_oldest_transaction_timestamp", "sec-since-oldest-xact-start", unit: "s", labels: database,
            from: ["pg_activity_oldest_transaction_seconds"], fold: .largest),
        FFWDMetric(
            "get_stats_index_hit_rates", "index-hit", unit: "index_hit%", labels: table,
            from: ["pg_table_idx_scan_total", "pg_table_seq_scan_total"], formula: .share),
        FFWDMetric(
            "get_stats_table_bloat", "table-bloat", unit: "bloat%", labels: table,
            from: ["pg_table_bloat_approx_dead_bytes", "pg_table_bloat_approx_table_bytes"], formula: .quotient),
        FFWDMetric(
            "get_stats_incoming_replication_status", "incoming-replication-running", unit: "msg",
            labels: [(ours: "sender_host", theirs: "master")], from: ["pg_wal_receiver_info"],
            when: (label: "status", value: "streaming")),
    ]

    private static let perServer: [FFWDMetric] = [
        FFWDMetric(
            "get_stats_client_connections", "client-connections", unit: "connection", from: ["pg_activity_sessions"],
            only: (label: "backend_type", value: "client backend")),
        FFWDMetric(
            "get_stats_lock_statistics", "locks_granted", unit: "lock", fixed: locks,
            labels: [(ours: "locktype", theirs: "locktype")], from: ["pg_locks_granted"]),
        FFWDMetric(
            "get_stats_lock_statistics", "locks_granted", unit: "lock",
            fixed: locks + [(name: "locktype", value: "total")], from: ["pg_locks_granted"]),
        FFWDMetric(
            "get_stats_lock_statistics", "locks_waiting", unit: "lock", fixed: locks,
            labels: [(ours: "locktype", theirs: "locktype")], from: ["pg_locks_waiting"]),
        FFWDMetric(
            "get_stats_lock_statistics", "locks_waiting", unit: "lock",
            fixed: locks + [(name: "locktype", value: "total")], from: ["pg_locks_waiting"]),
        FFWDMetric(
            "get_stats_heap_hit_statistics", "blocks-read-from-disk", unit: "blocks", fixed: heapReads,
            labels: database, from: ["pg_table_heap_blks_read_total"], formula: .rate),
        FFWDMetric(
            "get_stats_heap_hit_statistics", "blocks-read-from-buffer", unit: "blocks", fixed: heapReads,
            labels: database, from: ["pg_table_heap_blks_hit_total"], formula: .rate),
        FFWDMetric(
            "get_stats_heap_hit_statistics", "blocks-heap-hit-ratio", unit: "buffer_hit%", labels: database,
            from: ["pg_table_heap_blks_hit_total", "pg_table_heap_blks_read_total"], formula: .shareOfGrowth),
        FFWDMetric(
            "get_stats_replication_delays", "replication-delay-bytes", unit: "B",
            labels: [(ours: "client_addr", theirs: "slave"), (ours: "application_name", theirs: "application_name")],
            from: ["pg_replication_replay_lag_bytes"]),
        FFWDMetric(
            "get_stats_wal_file_amount", "wal-file-amount", unit: "file", from: ["pg_wal_directory_segments"]),
        // Up to 18 by the files, from 19 on by the counts.
        FFWDMetric(
            "get_multixact_members_per_mxid", "multixact-members-per-mxid", unit: "members/id",
            from: ["pg_multixact_files_members", "pg_wraparound_datminmxid_age"], fold: .largest, formula: .quotient),
        FFWDMetric(
            "get_multixact_members_per_mxid", "multixact-members-per-mxid", unit: "members/id",
            from: ["pg_multixact_members", "pg_multixact_oldest_age"], formula: .quotient),
        FFWDMetric(
            "get_multixact_members_remaining_ratio", "multixact-members-remaining", unit: "%",
            from: ["pg_multixact_files_members_remaining_ratio"], formula: .percent),
        FFWDMetric(
            "get_multixact_remaining_ratio", "mxid-remaining", unit: "%", from: ["pg_wraparound_datminmxid_age"],
            fold: .largest, formula: .remaining(of: wraparound)),
        FFWDMetric(
            "get_xid_remaining_ratio", "xid-remaining", unit: "%", from: ["pg_wraparound_datfrozenxid_age"],
            fold: .largest, formula: .remaining(of: wraparound)),
    ]
}
