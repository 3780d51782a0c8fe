extension TruthCase {
    /// What a standby says of itself.
    static let receiving: [TruthCase] =
        view(
            "wal_receiver", [], "pg_stat_wal_receiver", onStandby: true,
            [
                "active": "1", "receive_start_lsn_bytes": "receive_start_lsn - '0/0'",
                "receive_start_tli": "receive_start_tli", "received_tli": "received_tli",
                "written_lsn_bytes": "written_lsn - '0/0'", "flushed_lsn_bytes": "flushed_lsn - '0/0'",
                "latest_end_lsn_bytes": "latest_end_lsn - '0/0'",
            ].merging(
                timestamps([
                    "latest_end": "latest_end_time", "last_msg_send": "last_msg_send_time",
                    "last_msg_receipt": "last_msg_receipt_time",
                ])
            ) { $1 })
        + [
            TruthCase(
                family: "pg_wal_receiver_info", labels: ["status", "sender_host", "sender_port", "slot_name"],
                sql: "SELECT status, sender_host, sender_port, slot_name, 1 FROM pg_stat_wal_receiver",
                onStandby: true),
            .one(
                "pg_recovery_replay_lag_bytes", "pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())",
                onStandby: true),
            .one("pg_recovery_paused", "pg_is_wal_replay_paused()::int", onStandby: true),
        ]
        + view(
            "recovery_prefetch", [], "pg_stat_recovery_prefetch", majors: 15...99, onStandby: true,
            counters("prefetch", "hit", "skip_init", "skip_new", "skip_fpw", "skip_rep")
                .merging(gauges("block_distance", "io_depth")) { $1 }
                .merging(["wal_distance_bytes": "wal_distance"]) { $1 }
                .merging(timestamps(["stats_reset": "stats_reset"])) { $1 })
}
