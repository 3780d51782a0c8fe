package import Sonde

extension Definition {
    /// `pg_stat_checkpointer`; until 16 the same numbers were columns of `pg_stat_bgwriter`.
    package static let checkpointer = Definition(
        "checkpointer", help: "Checkpoints (pg_stat_checkpointer; until 16 pg_stat_bgwriter)",
        from: [13: "pg_stat_bgwriter AS s", 17: "pg_stat_checkpointer AS s"],
        columns: [
            .counter(
                "num_timed_total", [13: "s.checkpoints_timed", 17: "s.num_timed"],
                help: "Checkpoints due by time, skipped ones too (pg_stat_checkpointer.num_timed, checkpoints_timed)"),
            .counter(
                "num_requested_total", [13: "s.checkpoints_req", 17: "s.num_requested"],
                help: "Checkpoints requested, by WAL volume too (pg_stat_checkpointer.num_requested, checkpoints_req)"),
            .counter(
                "num_done_total", [18: "s.num_done"],
                help: "Checkpoints that were performed (pg_stat_checkpointer.num_done)"),
            .counter(
                "restartpoints_timed_total", [17: "s.restartpoints_timed"],
                help: "Restartpoints due by time (pg_stat_checkpointer.restartpoints_timed)"),
            .counter(
                "restartpoints_req_total", [17: "s.restartpoints_req"],
                help: "Restartpoints requested (pg_stat_checkpointer.restartpoints_req)"),
            .counter(
                "restartpoints_done_total", [17: "s.restartpoints_done"],
                help: "Restartpoints that were performed (pg_stat_checkpointer.restartpoints_done)"),
            .counter(
                "write_time_seconds_total", [13: "s.checkpoint_write_time", 17: "s.write_time"], in: .milliseconds,
                help: "Time spent writing buffers (pg_stat_checkpointer.write_time, checkpoint_write_time)"),
            .counter(
                "sync_time_seconds_total", [13: "s.checkpoint_sync_time", 17: "s.sync_time"], in: .milliseconds,
                help: "Time spent flushing files to disk (pg_stat_checkpointer.sync_time, checkpoint_sync_time)"),
            .counter(
                "buffers_written_total", [13: "s.buffers_checkpoint", 17: "s.buffers_written"],
                help: "Shared buffers written (pg_stat_checkpointer.buffers_written, buffers_checkpoint)"),
            .counter(
                "slru_written_total", [18: "s.slru_written"],
                help: "Buffers of the SLRU caches written (pg_stat_checkpointer.slru_written)"),
            .gauge(
                "stats_reset_timestamp_seconds", "s.stats_reset", in: .timestamp,
                help: "When these counters were last reset (pg_stat_checkpointer.stats_reset)"),
        ])
}
