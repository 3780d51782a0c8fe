package import Sonde

extension Definition {
    /// `pg_stat_io`, which exists since 16.
    ///
    /// What cannot happen is NULL in the view and has no sample. From 18 on the view has rows of the object `wal` too, so sums over
    /// `object` mix data files and WAL there. Bytes are those of the view, or its operations times its block size until 17.
    package static let io = Definition(
        "io", help: "Input and output by kind of process, object and context (pg_stat_io)",
        from: [16: "pg_stat_io AS s"],
        columns: [
            .label("backend_type", "s.backend_type"),
            .label("object", "s.object"),
            .label("context", "s.context"),
            .counter("reads_total", "s.reads", help: "Reads (pg_stat_io.reads)"),
            .counter(
                "read_bytes_total", [16: "s.reads * s.op_bytes", 18: "s.read_bytes"], in: .bytes,
                help: "Bytes read (pg_stat_io.read_bytes; until 17 reads, op_bytes)"),
            .counter(
                "read_time_seconds_total", "s.read_time", in: .milliseconds,
                help: "Time spent reading; 0 without track_io_timing (pg_stat_io.read_time)"),
            .counter("writes_total", "s.writes", help: "Writes (pg_stat_io.writes)"),
            .counter(
                "write_bytes_total", [16: "s.writes * s.op_bytes", 18: "s.write_bytes"], in: .bytes,
                help: "Bytes written (pg_stat_io.write_bytes; until 17 writes, op_bytes)"),
            .counter(
                "write_time_seconds_total", "s.write_time", in: .milliseconds,
                help: "Time spent writing; 0 without track_io_timing (pg_stat_io.write_time)"),
            .counter(
                "writebacks_total", "s.writebacks",
                help: "Blocks that the kernel was asked to write out (pg_stat_io.writebacks)"),
            .counter(
                "writeback_time_seconds_total", "s.writeback_time", in: .milliseconds,
                help: "Time spent on such requests; 0 without track_io_timing (pg_stat_io.writeback_time)"),
            .counter("extends_total", "s.extends", help: "Times that a relation was extended (pg_stat_io.extends)"),
            .counter(
                "extend_bytes_total", [16: "s.extends * s.op_bytes", 18: "s.extend_bytes"], in: .bytes,
                help: "Bytes that relations grew by (pg_stat_io.extend_bytes; until 17 extends, op_bytes)"),
            .counter(
                "extend_time_seconds_total", "s.extend_time", in: .milliseconds,
                help: "Time spent extending relations; 0 without track_io_timing (pg_stat_io.extend_time)"),
            .counter("hits_total", "s.hits", help: "Blocks found in shared or local buffers (pg_stat_io.hits)"),
            .counter(
                "evictions_total", "s.evictions",
                help: "Blocks written out of a buffer to make room (pg_stat_io.evictions)"),
            .counter(
                "reuses_total", "s.reuses",
                help: "Buffers reused within a ring, as bulk operations do (pg_stat_io.reuses)"),
            .counter("fsyncs_total", "s.fsyncs", help: "Flushes to disk (pg_stat_io.fsyncs)"),
            .counter(
                "fsync_time_seconds_total", "s.fsync_time", in: .milliseconds,
                help: "Time spent flushing to disk; 0 without track_io_timing (pg_stat_io.fsync_time)"),
            .gauge(
                "stats_reset_timestamp_seconds", "s.stats_reset", in: .timestamp,
                help: "When these counters were last reset (pg_stat_io.stats_reset)"),
        ])
}
