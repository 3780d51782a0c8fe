package import Sonde

extension Definition {
    /// `pg_stat_wal`, which exists since 14.
    ///
    /// Writes and flushes moved to `pg_stat_io` in 18. The documentation describes them there, for the object `wal`, in the words it
    /// had for `pg_stat_wal`: what `XLogWrite` and `issue_xlog_fsync` do. Rows of the context `init`, which fill new segments, and the
    /// WAL receiver's writes were not counted before, so they are left out.
    package static let wal = Definition(
        "wal", help: "Write-ahead log that was generated and written (pg_stat_wal)",
        from: [
            14: "pg_stat_wal AS s",
            18: """
            pg_stat_wal AS s CROSS JOIN (
            SELECT sum(i.writes) FILTER (WHERE i.backend_type <> 'walreceiver') AS wal_write,
            sum(i.write_time) FILTER (WHERE i.backend_type <> 'walreceiver') AS wal_write_time,
            sum(i.fsyncs) AS wal_sync, sum(i.fsync_time) AS wal_sync_time
            FROM pg_stat_io AS i WHERE i.object = 'wal' AND i.context = 'normal') AS io
            """,
        ],
        columns: [
            .counter("records_total", "s.wal_records", help: "WAL records generated (pg_stat_wal.wal_records)"),
            .counter("fpi_total", "s.wal_fpi", help: "Full page images generated (pg_stat_wal.wal_fpi)"),
            .counter("bytes_total", "s.wal_bytes", in: .bytes, help: "WAL generated (pg_stat_wal.wal_bytes)"),
            .counter(
                "fpi_bytes_total", [19: "s.wal_fpi_bytes"], in: .bytes,
                help: "WAL generated for full page images (pg_stat_wal.wal_fpi_bytes)"),
            .counter(
                "buffers_full_total", "s.wal_buffers_full",
                help: "Times that WAL was written since wal_buffers were full (pg_stat_wal.wal_buffers_full)"),
            .counter(
                "write_total", [14: "s.wal_write", 18: "io.wal_write"],
                help: "Times that WAL buffers were written out (pg_stat_wal.wal_write; since 18 pg_stat_io.writes)"),
            .counter(
                "write_time_seconds_total", [14: "s.wal_write_time", 18: "io.wal_write_time"], in: .milliseconds,
                help: """
                    Time spent writing WAL buffers; 0 without track_wal_io_timing \
                    (pg_stat_wal.wal_write_time; since 18 pg_stat_io.write_time)
                    """),
            .counter(
                "sync_total", [14: "s.wal_sync", 18: "io.wal_sync"],
                help: "Times that WAL was flushed to disk (pg_stat_wal.wal_sync; since 18 pg_stat_io.fsyncs)"),
            .counter(
                "sync_time_seconds_total", [14: "s.wal_sync_time", 18: "io.wal_sync_time"], in: .milliseconds,
                help: """
                    Time spent flushing WAL to disk; 0 without track_wal_io_timing \
                    (pg_stat_wal.wal_sync_time; since 18 pg_stat_io.fsync_time)
                    """),
            .gauge(
                "stats_reset_timestamp_seconds", "s.stats_reset", in: .timestamp,
                help: "When these counters were last reset (pg_stat_wal.stats_reset)"),
        ])
}
