import Sonde

/// Why values, or samples, of some families may differ between two pages of one server, and how far they are compared all the same.
struct ComparisonRule: Sendable {
    /// How samples are compared.
    enum Kind: Sendable, Hashable {
        /// The value of the second page is not smaller, but for the last bits, since each program divides in its way: it was read later.
        case grows
        /// The same samples, with any values.
        case anyValue
        /// The same values of these labels among the samples, with any other labels and any values.
        case only([String])
        /// Samples that both pages have have the same values; either may have others.
        case common
        /// Not at all.
        case ignored
    }

    /// A pattern of families' names.
    let families: String
    /// Labels, and patterns of their values, that samples must have.
    var labels: [String: String] = [:]
    let kind: Kind
    /// Why, for people.
    let reason: String

    /// Whether the rule is about a sample.
    func covers(_ family: String, _ sample: ScrapedPage.Sample) -> Bool {
        Pattern.matches(family, families) && labels.allSatisfy { Pattern.matches(sample.labels[$0] ?? "", $1) }
    }

    /// All of them; the first that covers a sample holds.
    static let all = programs + sessions + times + positions + counters

    /// What each program says of itself.
    private static let programs =
        ["go_*", "process_*", "promhttp_*", "pgsonde_*", "*_build_info"].map {
            ComparisonRule(families: $0, kind: .ignored, reason: "each program's own")
        }
        + ["pg_exporter_*", "pg_scrape_collector_duration_seconds", "postgres_exporter_config_*"].map {
            ComparisonRule(families: $0, kind: .anyValue, reason: "each program's own")
        }
        + ownSettings.map {
            ComparisonRule(
                families: "pg_settings_\($0)", kind: .ignored, reason: "each program sets it for its own session")
        }

    private static let ownSettings = [
        "default_transaction_read_only", "extra_float_digits", "idle_in_transaction_session_timeout_seconds",
        "idle_session_timeout_seconds", "jit", "lock_timeout_seconds", "max_parallel_workers_per_gather",
        "statement_timeout_seconds", "tcp_keepalives_count", "tcp_keepalives_idle_seconds",
        "tcp_keepalives_interval_seconds", "tcp_user_timeout_seconds", "client_connection_check_interval_seconds",
        "transaction_read_only",
    ]

    /// Sessions come and go, those of the two programs among them.
    private static let sessions = [
        ComparisonRule(
            families: "pg_stat_activity_*", kind: .only(["datname", "state"]),
            reason: "sessions come and go, the programs' own among them"),
        ComparisonRule(
            families: "pg_locks_count", labels: ["mode": "accesssharelock"], kind: .anyValue,
            reason: "the programs' own statements hold it"),
        ComparisonRule(
            families: "pg_locks_count", labels: ["mode": "exclusivelock"], kind: .anyValue,
            reason: "every transaction holds one"),
        ComparisonRule(
            families: "pg_stat_database_numbackends", kind: .anyValue, reason: "the programs have sessions themselves"),
        ComparisonRule(families: "pg_process_idle_seconds", kind: .ignored, reason: "sessions come and go"),
        ComparisonRule(
            families: "pg_stat_statements_*", kind: .common, reason: "which statements are shown changes with every one"
        ),
        ComparisonRule(families: "pg_stat_progress_*", kind: .ignored, reason: "vacuums come and go"),
    ]

    /// What grows or shrinks with the time of day.
    private static let times = [
        "pg_replication_lag*", "pg_replication_last_replay_seconds", "pg_stat_archiver_last_archive_age",
        "pg_long_running_transactions*", "pg_stat_wal_receiver_last_msg_*", "pg_stat_wal_receiver_latest_end_time",
    ].map { ComparisonRule(families: $0, kind: .anyValue, reason: "it depends on when one asks") }

    /// Where write-ahead log stands, and what else is always on the move.
    private static let positions =
        [
            "pg_replication_slots_slot_*_lsn", "pg_stat_replication_pg_current_wal_lsn_bytes",
            "pg_stat_wal_receiver_*_lsn",
        ].map { ComparisonRule(families: $0, kind: .grows, reason: "write-ahead log is written all the time") }
        + [
            "pg_replication_slots_pg_wal_lsn_diff", "pg_stat_replication_pg_wal_lsn_diff",
            "pg_replication_slots_safe_wal_size_bytes", "pg_wal_segments", "pg_wal_size_bytes",
            "pg_buffercache_summary_*",
        ].map { ComparisonRule(families: $0, kind: .anyValue, reason: "the server is at work between the two pages") }

    /// What the statements of the programs themselves add to.
    private static let counters = [
        "pg_stat_database_xact_*", "pg_stat_database_blk*", "pg_stat_database_tup_*", "pg_stat_database_temp_*",
        "pg_stat_database_active_time_seconds_total", "pg_stat_bgwriter_*", "pg_stat_checkpointer_*",
        "pg_stat_archiver_*_count", "pg_database_wraparound_*", "pg_statio_user_*",
    ].map { ComparisonRule(families: $0, kind: .grows, reason: "what it counts goes on between the two pages") }
}
