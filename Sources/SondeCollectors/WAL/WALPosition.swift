package import Sonde

extension Definition {
    /// Where the write-ahead log stands, on a primary and on a standby.
    ///
    /// Positions are bytes since the beginning of the log, so those of two servers can be subtracted from each other. A standby's delay
    /// is three numbers that are not folded into one: received less replayed, the time of the last transaction that was replayed, and
    /// what the primary's `pg_stat_replication` says.
    package static let walPosition = Definition(
        "wal_position", help: "Positions in the write-ahead log, in bytes (pg_current_wal_lsn() and others)",
        // What is for primaries fails on standbys, and the other way round; this column decides for the whole row.
        from: "(SELECT pg_is_in_recovery() AS in_recovery) AS s",
        columns: [
            .gauge(
                "insert_bytes", "CASE WHEN NOT s.in_recovery THEN pg_current_wal_insert_lsn() END", in: .bytes,
                help: "Position that a primary inserts at (pg_current_wal_insert_lsn())"),
            .gauge(
                "current_bytes", "CASE WHEN NOT s.in_recovery THEN pg_current_wal_lsn() END", in: .bytes,
                help: "Position up to which a primary has written (pg_current_wal_lsn())"),
            .gauge(
                "flush_bytes", "CASE WHEN NOT s.in_recovery THEN pg_current_wal_flush_lsn() END", in: .bytes,
                help: "Position up to which a primary has flushed to disk (pg_current_wal_flush_lsn())"),
            .gauge(
                "receive_bytes", "CASE WHEN s.in_recovery THEN pg_last_wal_receive_lsn() END", in: .bytes,
                help: "Position up to which a standby has received by streaming (pg_last_wal_receive_lsn())"),
            .gauge(
                "replay_bytes", "CASE WHEN s.in_recovery THEN pg_last_wal_replay_lsn() END", in: .bytes,
                help: "Position up to which a standby has replayed (pg_last_wal_replay_lsn())"),
            .gauge(
                "replayed_xact_timestamp_seconds", "CASE WHEN s.in_recovery THEN pg_last_xact_replay_timestamp() END",
                in: .timestamp,
                help: "Commit time of the last transaction that a standby replayed (pg_last_xact_replay_timestamp())"),
            .gauge(
                "replay_paused", "CASE WHEN s.in_recovery THEN pg_is_wal_replay_paused() END",
                help: "1 if replay on a standby is paused, or asked to be (pg_is_wal_replay_paused())"),
        ])
}
