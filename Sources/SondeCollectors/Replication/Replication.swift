package import Sonde

extension Definition {
    /// `pg_stat_replication`: how far those that follow this server are behind.
    ///
    /// Standbys are told apart by name, role, address and slot. A walsender's name is no application's: only a role with REPLICATION can
    /// give it, it is what `synchronous_standby_names` lists, and of all of these it alone is sure to stay when a standby moves. What
    /// would still be without bound is made the same: the workers that copy a subscription's tables share one name, and temporary
    /// slots have none. Should there ever be more than a hundred, those that are furthest behind are named. Several connections of one
    /// client, as pg_basebackup has them, show as one: their number, and the lag of the slowest.
    ///
    /// Lags in bytes are measured from where this server stands: the phases overlap and are not to be added up. So are the lags in
    /// time, which the server measured when WAL was last confirmed; they are absent once an idle follower has caught up.
    package static let replication = Definition(
        "replication", help: "Standbys and other receivers of WAL (pg_stat_replication)",
        from: SQL("\(receivers) CROSS JOIN \(WALFile.ownPosition) AS w"),
        columns: receiver + [
            .gauge(
                "walsenders", "count(*)", other: .sum,
                help: "Connections that this one sums up (rows of pg_stat_replication)"),
            .gauge(
                "sent_lag_bytes", "max(greatest(w.lsn, r.sent_lsn) - r.sent_lsn)", in: .bytes, other: .max,
                help: "WAL that has not been sent yet (pg_stat_replication.sent_lsn)"),
            .gauge(
                "write_lag_bytes", "max(greatest(w.lsn, r.write_lsn) - r.write_lsn)", in: .bytes, other: .max,
                help: "WAL that the receiver has not written yet (pg_stat_replication.write_lsn)"),
            .gauge(
                "flush_lag_bytes", "max(greatest(w.lsn, r.flush_lsn) - r.flush_lsn)", in: .bytes, other: .max,
                help: "WAL that the receiver has not flushed to disk yet (pg_stat_replication.flush_lsn)"),
            .gauge(
                "replay_lag_bytes", "max(greatest(w.lsn, r.replay_lsn) - r.replay_lsn)", in: .bytes, other: .max,
                help: "WAL that the receiver has not replayed yet (pg_stat_replication.replay_lsn)"),
            .gauge(
                "write_lag_seconds", "max(r.write_lag)", in: .seconds, other: .max,
                help: "Time from flushing WAL here to its being written there (pg_stat_replication.write_lag)"),
            .gauge(
                "flush_lag_seconds", "max(r.flush_lag)", in: .seconds, other: .max,
                help: "Time from flushing WAL here to its being flushed there (pg_stat_replication.flush_lag)"),
            .gauge(
                "replay_lag_seconds", "max(r.replay_lag)", in: .seconds, other: .max,
                help: "Time from flushing WAL here to its being replayed there (pg_stat_replication.replay_lag)"),
            .gauge(
                "sent_lsn_bytes", "min(r.sent_lsn)", in: .bytes, other: .min,
                help: "Position up to which WAL was sent (pg_stat_replication.sent_lsn)"),
            .gauge(
                "write_lsn_bytes", "min(r.write_lsn)", in: .bytes, other: .min,
                help: "Position up to which the receiver has written (pg_stat_replication.write_lsn)"),
            .gauge(
                "flush_lsn_bytes", "min(r.flush_lsn)", in: .bytes, other: .min,
                help: "Position up to which the receiver has flushed to disk (pg_stat_replication.flush_lsn)"),
            .gauge(
                "replay_lsn_bytes", "min(r.replay_lsn)", in: .bytes, other: .min,
                help: "Position up to which the receiver has replayed (pg_stat_replication.replay_lsn)"),
            .gauge(
                "backend_start_timestamp_seconds", "min(r.backend_start)", in: .timestamp, other: .min,
                help: "When the receiver connected (pg_stat_replication.backend_start)"),
            .gauge(
                "reply_timestamp_seconds", "min(r.reply_time)", in: .timestamp, other: .min,
                help: "When the receiver sent its last reply, by its own clock (pg_stat_replication.reply_time)"),
            .gauge(
                "backend_xmin_age", "max(age(r.backend_xmin))", other: .max,
                help: "Transactions that the receiver keeps from vacuum (pg_stat_replication.backend_xmin)"),
            .gauge(
                "sync_priority", "min(r.sync_priority)", other: .min,
                help: "Priority to become synchronous, 0 for none (pg_stat_replication.sync_priority)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]), group: true,
        limit: Limit(rows: 100, by: ["replay_lag_bytes"]))

    /// Walsenders with the slots that they use: not those that end with their connection, or with the copy of a table, since their names
    /// are never used again.
    static let receivers = """
        pg_stat_replication AS r LEFT JOIN pg_replication_slots AS s
        ON s.active_pid = r.pid AND NOT s.temporary AND s.slot_name !~ '^pg_[0-9]+_sync_[0-9]+_[0-9]+$'
        """

    /// What tells receivers apart.
    static let receiver: [Column] = [
        .label(
            "application_name",
            """
            CASE WHEN r.application_name ~ '^pg_[0-9]+_sync_[0-9]+_[0-9]+$' THEN 'pg_sync' ELSE r.application_name END
            """),
        .label("usename", "r.usename"),
        .label("client_addr", "host(r.client_addr)"),
        .label("slot_name", "s.slot_name"),
    ]
}
