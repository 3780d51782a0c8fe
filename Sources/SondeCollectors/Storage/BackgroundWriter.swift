package import Sonde

extension Definition {
    /// `pg_stat_bgwriter`; what it says of checkpoints until 16 is in ``checkpointer``.
    ///
    /// The two columns on backends end with 16: `pg_stat_io` counts similar things, which nobody documents as equal.
    package static let backgroundWriter = Definition(
        "bgwriter", help: "The background writer (pg_stat_bgwriter)",
        from: "pg_stat_bgwriter AS s",
        columns: [
            .counter(
                "buffers_clean_total", "s.buffers_clean",
                help: "Buffers that the background writer wrote (pg_stat_bgwriter.buffers_clean)"),
            .counter(
                "maxwritten_clean_total", "s.maxwritten_clean",
                help: "Rounds that it ended early at bgwriter_lru_maxpages (pg_stat_bgwriter.maxwritten_clean)"),
            .counter(
                "buffers_alloc_total", "s.buffers_alloc",
                help: "Buffers allocated (pg_stat_bgwriter.buffers_alloc)"),
            .counter(
                "buffers_backend_total", [13: "s.buffers_backend", 17: nil],
                help: "Buffers that sessions had to write themselves, until 16 (pg_stat_bgwriter.buffers_backend)"),
            .counter(
                "buffers_backend_fsync_total", [13: "s.buffers_backend_fsync", 17: nil],
                help: "Flushes that sessions had to do themselves, until 16 (pg_stat_bgwriter.buffers_backend_fsync)"),
            .gauge(
                "stats_reset_timestamp_seconds", "s.stats_reset", in: .timestamp,
                help: "When these counters were last reset (pg_stat_bgwriter.stats_reset)"),
        ])
}
