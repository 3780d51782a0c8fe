package import Sonde

extension Definition {
    /// `pg_stat_subscription` with `pg_subscription`: who applies changes, and how far they are.
    ///
    /// Names of subscriptions are unique in a database only. Positions and times are those of the worker that applies; copies of
    /// tables are counted. On 13 nobody else than a superuser sees the key of `pg_subscription`, so a worker is found by the database
    /// that it is connected to.
    package static let subscription = Definition(
        "subscription", help: "Subscriptions and their workers (pg_stat_subscription, pg_subscription)",
        from: [
            13: """
            pg_subscription AS u JOIN pg_database AS d ON d.oid = u.subdbid
            LEFT JOIN (pg_stat_subscription AS s JOIN pg_stat_activity AS a ON a.pid = s.pid)
            ON s.subname = u.subname AND a.datid = u.subdbid
            """,
            14: """
            pg_subscription AS u JOIN pg_database AS d ON d.oid = u.subdbid
            LEFT JOIN pg_stat_subscription AS s ON s.subid = u.oid
            """,
        ],
        columns: [
            .label("datname", "d.datname"),
            .label("subname", "u.subname"),
            .gauge(
                "enabled", "bool_and(u.subenabled)",
                help: "1 if the subscription is to run (pg_subscription.subenabled)"),
            .gauge(
                "apply_workers", filtered("count(*)", by: apply, and: "s.pid IS NOT NULL"),
                help: "1 while changes are being applied (pg_stat_subscription.pid)"),
            .gauge(
                "parallel_apply_workers", [16: "count(s.leader_pid)"],
                help: "Workers that help to apply large transactions (pg_stat_subscription.leader_pid)"),
            .gauge(
                "table_sync_workers", "count(s.relid)",
                help: "Workers that copy a table or let it catch up (pg_stat_subscription.relid)"),
            .gauge(
                "sequence_sync_workers", [19: "count(*) FILTER (WHERE s.worker_type LIKE 'sequence%')"],
                help: "Workers that copy the values of sequences (pg_stat_subscription.worker_type)"),
            .gauge(
                "received_lsn_bytes", filtered("max(s.received_lsn)", by: apply), in: .bytes,
                help: "Position at the publisher up to which WAL was received (pg_stat_subscription.received_lsn)"),
            .gauge(
                "latest_end_lsn_bytes", filtered("max(s.latest_end_lsn)", by: apply), in: .bytes,
                help: "Position that was last reported to the publisher (pg_stat_subscription.latest_end_lsn)"),
            .gauge(
                "latest_end_timestamp_seconds", filtered("max(s.latest_end_time)", by: apply), in: .timestamp,
                help: "When that was reported (pg_stat_subscription.latest_end_time)"),
            .gauge(
                "last_msg_send_timestamp_seconds", filtered("max(s.last_msg_send_time)", by: apply), in: .timestamp,
                help:
                    "When the last message was sent, by the publisher's clock (pg_stat_subscription.last_msg_send_time)"
            ),
            .gauge(
                "last_msg_receipt_timestamp_seconds", filtered("max(s.last_msg_receipt_time)", by: apply),
                in: .timestamp, help: "When the last message arrived (pg_stat_subscription.last_msg_receipt_time)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]), group: true)

    /// What is true of the worker that applies, by version.
    private static let apply: [(Version, String)] = [
        (13, "s.relid IS NULL"), (16, "s.relid IS NULL AND s.leader_pid IS NULL"), (17, "s.worker_type = 'apply'"),
    ]

    private static func filtered(_ value: String, by eras: [(Version, String)], and more: String? = nil) -> SQL {
        SQL(
            eras.map { since, condition in
                SQL.Era(since: since, text: "\(value) FILTER (WHERE \(condition)\(more.map { " AND \($0)" } ?? ""))")
            })
    }
}
