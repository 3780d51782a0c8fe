package import Sonde

extension Definition {
    /// How a standby keeps up with what it gets; `pg_stat_recovery` exists since 19.
    ///
    /// The age of what was replayed is no lag while the primary is idle, so it counts as 0 where a stream is there and all of it is
    /// replayed. That says nothing of a network that has just gone silent: ``walReceiver`` tells when the last message came.
    package static let recovery = Definition(
        "recovery", help: "Replay on a standby (pg_last_wal_replay_lsn() and others)",
        from: [
            13: from, 19: from.replacing(" WHERE", with: " LEFT JOIN pg_stat_recovery AS r ON true WHERE"),
        ],
        columns: [
            .gauge(
                "replay_lag_bytes",
                "greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - pg_last_wal_replay_lsn()", in: .bytes,
                help: "WAL that was received and is not replayed yet (pg_last_wal_replay_lsn())"),
            .gauge(
                "replay_age_seconds",
                """
                CASE WHEN s.streaming AND pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn() THEN interval '0'
                ELSE greatest(clock_timestamp() - pg_last_xact_replay_timestamp(), interval '0') END
                """, in: .seconds,
                help:
                    "Age of the last transaction replayed, 0 if all that was streamed is (pg_last_xact_replay_timestamp())"
            ),
            .gauge(
                "paused", [13: "pg_is_wal_replay_paused()", 14: "pg_get_wal_replay_pause_state() = 'paused'"],
                help:
                    "1 if replay stands still on request; on 13 if that was asked for (pg_get_wal_replay_pause_state())"
            ),
            .gauge(
                "promote_triggered", [19: "r.promote_triggered"],
                help: "1 if the standby was told to become a primary (pg_stat_recovery.promote_triggered)"),
            .gauge(
                "replay_end_lsn_bytes", [19: "r.replay_end_lsn"], in: .bytes,
                help: "End of the record that is being replayed (pg_stat_recovery.replay_end_lsn)"),
            .gauge(
                "last_replayed_tli", [19: "r.last_replayed_tli"],
                help: "Timeline of the last record that was replayed (pg_stat_recovery.last_replayed_tli)"),
            .gauge(
                "current_chunk_start_timestamp_seconds", [19: "r.current_chunk_start_time"], in: .timestamp,
                help: "Since when replay works on what it was last given (pg_stat_recovery.current_chunk_start_time)"),
        ],
        on: .standby, requires: .init(roles: ["pg_read_all_stats"]))

    private static let from = """
        (SELECT pg_is_in_recovery() AS in_recovery,
        EXISTS (SELECT FROM pg_stat_wal_receiver AS w WHERE w.status = 'streaming') AS streaming) AS s WHERE s.in_recovery
        """
}
