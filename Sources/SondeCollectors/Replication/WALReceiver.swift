package import Sonde

extension Definition {
    /// `pg_stat_wal_receiver`: how a standby gets its WAL.
    ///
    /// There is a row without a receiver too, so that a stream that is broken shows as 0, and not as nothing.
    package static let walReceiver = Definition(
        "wal_receiver", help: "The stream that a standby receives (pg_stat_wal_receiver)",
        from: """
            (SELECT pg_is_in_recovery() AS in_recovery) AS s LEFT JOIN pg_stat_wal_receiver AS r ON true
            WHERE s.in_recovery
            """,
        columns: [
            .info("status", "r.status"),
            .info("sender_host", "r.sender_host"),
            .info("sender_port", "r.sender_port"),
            .info("slot_name", "r.slot_name"),
            .gauge(
                "active", "r.pid IS NOT NULL",
                help:
                    "1 while a WAL receiver runs, 0 if WAL comes from an archive or not at all (pg_stat_wal_receiver.pid)"
            ),
            .gauge(
                "receive_start_lsn_bytes", "r.receive_start_lsn", in: .bytes,
                help: "Position at which this stream began (pg_stat_wal_receiver.receive_start_lsn)"),
            .gauge(
                "receive_start_tli", "r.receive_start_tli",
                help: "Timeline at which this stream began (pg_stat_wal_receiver.receive_start_tli)"),
            .gauge(
                "received_tli", "r.received_tli",
                help: "Timeline of what was last received (pg_stat_wal_receiver.received_tli)"),
            .gauge(
                "written_lsn_bytes", "r.written_lsn", in: .bytes,
                help: "Position up to which WAL was received and written (pg_stat_wal_receiver.written_lsn)"),
            .gauge(
                "flushed_lsn_bytes", "r.flushed_lsn", in: .bytes,
                help: "Position up to which WAL was flushed to disk (pg_stat_wal_receiver.flushed_lsn)"),
            .gauge(
                "latest_end_lsn_bytes", "r.latest_end_lsn", in: .bytes,
                help: "Where the sender stood by its last message (pg_stat_wal_receiver.latest_end_lsn)"),
            .gauge(
                "latest_end_timestamp_seconds", "r.latest_end_time", in: .timestamp,
                help: "When the sender was last heard to have moved (pg_stat_wal_receiver.latest_end_time)"),
            .gauge(
                "last_msg_send_timestamp_seconds", "r.last_msg_send_time", in: .timestamp,
                help: "When the last message was sent, by the sender's clock (pg_stat_wal_receiver.last_msg_send_time)"
            ),
            .gauge(
                "last_msg_receipt_timestamp_seconds", "r.last_msg_receipt_time", in: .timestamp,
                help: "When the last message arrived (pg_stat_wal_receiver.last_msg_receipt_time)"),
        ],
        on: .standby, requires: .init(roles: ["pg_read_all_stats"]))
}
