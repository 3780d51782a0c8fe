import Sonde

extension PostgresExporter {
    /// What it shows of what is written: buffers, checkpoints, write-ahead log, archive.
    static let writing: [Member] = [
        Member("stat_bgwriter", [backgroundWriter]),
        Member("stat_checkpointer", [checkpointer]),
        Member("stat_archiver", [archiver]),
        Member("wal", [wal]),
        Member("xlog_location", [xlogLocation]),
    ]

    private static let backgroundWriter = part(
        "stat_bgwriter", help: "The background writer, and until 16 checkpoints (pg_stat_bgwriter)",
        from: Definition.backgroundWriter.from,
        columns: [
            until16("checkpoints_timed", "Checkpoints due by time"),
            until16("checkpoints_req", "Checkpoints requested"),
            until16("checkpoint_write_time", "Milliseconds that checkpoints spent writing"),
            until16("checkpoint_sync_time", "Milliseconds that checkpoints spent flushing"),
            until16("buffers_checkpoint", "Buffers that checkpoints wrote"),
            .counter(
                "buffers_clean_total", "coalesce(s.buffers_clean, 0)",
                help: "Buffers that the background writer wrote (pg_stat_bgwriter.buffers_clean)"),
            .counter(
                "maxwritten_clean_total", "coalesce(s.maxwritten_clean, 0)",
                help: "Rounds that it ended early (pg_stat_bgwriter.maxwritten_clean)"),
            until16("buffers_backend", "Buffers that sessions had to write themselves"),
            until16("buffers_backend_fsync", "Flushes that sessions had to do themselves"),
            .counter(
                "buffers_alloc_total", "coalesce(s.buffers_alloc, 0)",
                help: "Buffers allocated (pg_stat_bgwriter.buffers_alloc)"),
            .counter(
                "stats_reset_total", time("s.stats_reset"),
                help: "When these were last reset, in seconds since 1970 (pg_stat_bgwriter.stats_reset)"),
        ])

    private static func until16(_ column: String, _ help: String) -> Column {
        .counter(
            "\(column)_total", [13: "coalesce(s.\(column), 0)", 17: nil], help: "\(help) (pg_stat_bgwriter.\(column))")
    }

    private static let checkpointer = part(
        "stat_checkpointer", help: "Checkpoints, since 17 (pg_stat_checkpointer)",
        from: [17: Definition.checkpointer.from.text(for: 17)],
        columns: [
            since17("num_timed", "Checkpoints due by time"),
            since17("num_requested", "Checkpoints requested"),
            since17("restartpoints_timed", "Restartpoints due by time"),
            since17("restartpoints_req", "Restartpoints requested"),
            since17("restartpoints_done", "Restartpoints performed"),
            since17("write_time", "Milliseconds spent writing"),
            since17("sync_time", "Milliseconds spent flushing"),
            since17("buffers_written", "Buffers written"),
            .counter(
                "stats_reset_total", time("s.stats_reset"),
                help: "When these were last reset, in seconds since 1970 (pg_stat_checkpointer.stats_reset)"),
        ], enabled: false)

    private static func since17(_ column: String, _ help: String) -> Column {
        .counter("\(column)_total", SQL("coalesce(s.\(column), 0)"), help: "\(help) (pg_stat_checkpointer.\(column))")
    }

    private static let archiver = part(
        "stat_archiver", help: "Archiving of WAL files (pg_stat_archiver)", from: Definition.archiver.from,
        columns: [
            .counter("archived_count", "s.archived_count", help: "Files archived (pg_stat_archiver.archived_count)"),
            .counter("failed_count", "s.failed_count", help: "Attempts that failed (pg_stat_archiver.failed_count)"),
            .gauge(
                "last_archive_age", "extract(epoch FROM now() - s.last_archived_time)",
                help: "Seconds since a file was last archived (pg_stat_archiver.last_archived_time)"),
        ])

    private static let wal = part(
        "wal", help: "Files of the write-ahead log (pg_ls_waldir())", from: Definition.walDirectory.from,
        columns: [
            .gauge("segments", "count(*)", help: "Files of the write-ahead log (pg_ls_waldir())"),
            .gauge("size_bytes", "sum(f.size)", in: .bytes, help: "Their size (pg_ls_waldir())"),
        ], privileges: ["EXECUTE ON FUNCTION pg_ls_waldir()"], cost: .medium, group: true)

    /// Known to no server since 10.
    private static let xlogLocation = part(
        "xlog_location", help: "Nothing: it is for servers before 10 (pg_current_xlog_location())", from: [10: nil],
        columns: [
            .gauge("bytes", [10: nil], in: .bytes, help: "Position of the write-ahead log (pg_current_xlog_location())")
        ], enabled: false)
}
