package import Sonde

extension Definition {
    /// `pg_stat_recovery_prefetch`, which exists since 15.
    package static let recoveryPrefetch = Definition(
        "recovery_prefetch", help: "Blocks that replay reads ahead (pg_stat_recovery_prefetch)",
        from: [15: "pg_stat_recovery_prefetch AS s WHERE pg_is_in_recovery()"],
        columns: [
            .counter(
                "prefetch_total", "s.prefetch", help: "Blocks read ahead (pg_stat_recovery_prefetch.prefetch)"),
            .counter(
                "hit_total", "s.hit", help: "Blocks that were in shared buffers (pg_stat_recovery_prefetch.hit)"),
            .counter(
                "skip_init_total", "s.skip_init",
                help: "Blocks left alone since they begin anew (pg_stat_recovery_prefetch.skip_init)"),
            .counter(
                "skip_new_total", "s.skip_new",
                help: "Blocks left alone since they did not exist yet (pg_stat_recovery_prefetch.skip_new)"),
            .counter(
                "skip_fpw_total", "s.skip_fpw",
                help: "Blocks left alone since the log has them whole (pg_stat_recovery_prefetch.skip_fpw)"),
            .counter(
                "skip_rep_total", "s.skip_rep",
                help: "Blocks left alone since they had just been read ahead (pg_stat_recovery_prefetch.skip_rep)"),
            .gauge(
                "wal_distance_bytes", "s.wal_distance", in: .bytes,
                help: "How far ahead the log is being read (pg_stat_recovery_prefetch.wal_distance)"),
            .gauge(
                "block_distance", "s.block_distance",
                help: "How many blocks ahead it is being read (pg_stat_recovery_prefetch.block_distance)"),
            .gauge(
                "io_depth", "s.io_depth", help: "Reads ahead under way (pg_stat_recovery_prefetch.io_depth)"),
            .gauge(
                "stats_reset_timestamp_seconds", "s.stats_reset", in: .timestamp,
                help: "When these counters were last reset (pg_stat_recovery_prefetch.stats_reset)"),
        ],
        on: .standby)
}
