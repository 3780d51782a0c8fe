package import Sonde

extension Definition {
    /// `pg_stat_slru`: the caches of transaction states, multixacts, subtransactions, notifications.
    ///
    /// They were renamed in 17; the new names are used for all versions.
    package static let slru = Definition(
        "slru", help: "Caches of transaction states and the like (pg_stat_slru)",
        from: "pg_stat_slru AS s",
        columns: [
            .label(
                "name",
                [
                    13: """
                    CASE s.name WHEN 'CommitTs' THEN 'commit_timestamp' WHEN 'MultiXactMember' THEN 'multixact_member'
                    WHEN 'MultiXactOffset' THEN 'multixact_offset' WHEN 'Notify' THEN 'notify'
                    WHEN 'Serial' THEN 'serializable' WHEN 'Subtrans' THEN 'subtransaction'
                    WHEN 'Xact' THEN 'transaction' ELSE s.name END
                    """,
                    17: "s.name",
                ]),
            .counter("blks_zeroed_total", "s.blks_zeroed", help: "Blocks begun anew (pg_stat_slru.blks_zeroed)"),
            .counter("blks_hit_total", "s.blks_hit", help: "Blocks found in the cache (pg_stat_slru.blks_hit)"),
            .counter("blks_read_total", "s.blks_read", help: "Blocks read from disk (pg_stat_slru.blks_read)"),
            .counter("blks_written_total", "s.blks_written", help: "Blocks written (pg_stat_slru.blks_written)"),
            .counter(
                "blks_exists_total", "s.blks_exists",
                help: "Blocks that were asked whether they exist (pg_stat_slru.blks_exists)"),
            .counter("flushes_total", "s.flushes", help: "Flushes of dirty blocks (pg_stat_slru.flushes)"),
            .counter("truncates_total", "s.truncates", help: "Truncations (pg_stat_slru.truncates)"),
            .gauge(
                "stats_reset_timestamp_seconds", "s.stats_reset", in: .timestamp,
                help: "When these counters were last reset (pg_stat_slru.stats_reset)"),
        ])
}
