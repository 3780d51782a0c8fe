import Sonde

extension PostgresExporter {
    /// What it shows of replication.
    static let replication: [Member] = [
        Member("replication", [standby]),
        Member("stat_replication", [followers]),
        Member("replication_slots", formerly: "replication_slot", [slots, slotPositions, slotStatus]),
        Member("stat_wal_receiver", [receiver]),
    ]

    private static let standby = part(
        "replication", help: "How far this server is behind (pg_last_xact_replay_timestamp())",
        from: Definition.walPosition.from,
        columns: [
            .gauge(
                "lag_seconds",
                SQL(
                    """
                    CASE WHEN NOT s.in_recovery OR pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
                    ELSE \(sinceReplay) END
                    """),
                help: """
                    Seconds since the last commit that was replayed, 0 if nothing waits or on a primary \
                    (pg_last_xact_replay_timestamp())
                    """),
            .gauge("is_replica", "s.in_recovery", help: "1 on a standby, 0 on a primary (pg_is_in_recovery())"),
            .gauge(
                "last_replay_seconds", SQL(sinceReplay),
                help: "Seconds since the last commit that was replayed (pg_last_xact_replay_timestamp())"),
        ])

    private static let sinceReplay = "greatest(0, extract(epoch FROM now() - pg_last_xact_replay_timestamp()))"

    /// Where this server stands, as it reckons.
    private static let position =
        "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END"

    private static let followers = part(
        "stat_replication", help: "Receivers of WAL (pg_stat_replication)",
        from: "pg_stat_replication AS r LEFT JOIN pg_replication_slots AS s ON s.active_pid = r.pid",
        columns: [
            .label("application_name", "r.application_name"),
            // As text an address has its netmask behind it.
            .label("client_addr", "r.client_addr::text"),
            .label("state", "r.state"), .label("slot_name", "s.slot_name"), .label("pid", "r.pid"),
            .gauge(
                "pg_current_wal_lsn_bytes", SQL("(\(position)) - '0/0'"), in: .bytes,
                help: "Position of this server, the same for all (pg_current_wal_lsn())"),
            .gauge(
                "pg_wal_lsn_diff", SQL("(\(position)) - r.replay_lsn"), in: .bytes,
                help: "WAL that the receiver has not replayed (pg_stat_replication.replay_lsn)"),
        ], requires: ["pg_read_all_stats"])

    private static let slots = part(
        "replication_slots", help: "Replication slots (pg_replication_slots)", from: Definition.replicationSlot.from,
        columns: [
            .label("slot_name", "s.slot_name"), .label("database", "s.database"),
            .gauge("active", "s.active", help: "1 while somebody streams from it (pg_replication_slots.active)"),
            .gauge(
                "pg_wal_lsn_diff", SQL("(\(position)) - s.restart_lsn"), in: .bytes,
                help: "WAL that is kept for the slot (pg_replication_slots.restart_lsn)"),
        ])

    private static let slotPositions = part(
        "replication_slots_position", help: "Positions of replication slots (pg_replication_slots)",
        prefix: "pg_replication_slots", from: Definition.replicationSlot.from,
        columns: [
            .label("slot_name", "s.slot_name"), .label("slot_type", "s.slot_type"),
            .gauge(
                "slot_current_wal_lsn", SQL("(\(position)) - '0/0'"), in: .bytes,
                help: "Position of this server, the same for all (pg_current_wal_lsn())"),
            .gauge(
                "slot_confirmed_flush_lsn",
                "CASE WHEN s.active THEN coalesce(s.confirmed_flush_lsn, '0/0') - '0/0' END", in: .bytes,
                help: "Position that an active consumer confirmed (pg_replication_slots.confirmed_flush_lsn)"),
            .gauge("slot_is_active", "s.active", help: "1 while somebody streams (pg_replication_slots.active)"),
            .gauge(
                "safe_wal_size_bytes", "s.safe_wal_size", in: .bytes,
                help: "WAL that can be written before it may be lost (pg_replication_slots.safe_wal_size)"),
        ])

    private static let slotStatus = part(
        "replication_slots_status", help: "States of replication slots' WAL (pg_replication_slots)",
        prefix: "pg_replication_slots", from: Definition.replicationSlot.from,
        columns: [
            .label("slot_name", "s.slot_name"), .label("slot_type", "s.slot_type"),
            .label("wal_status", "s.wal_status"),
            .gauge(
                "has_status", "CASE WHEN s.wal_status IS NOT NULL THEN 1 END",
                help: "Always 1; the label tells the state of its WAL (pg_replication_slots.wal_status)",
                metric: "pg_replication_slots_wal_status"),
        ])

    /// The host, which libpq may have been given in quotes.
    private static let host = "trim(BOTH '''' FROM substring(r.conninfo FROM 'host=([^ ]*)'))"

    /// A row with a NULL in it shows nothing at all.
    private static func whole(_ text: String) -> SQL {
        let columns = [
            "slot_name", "status", "receive_start_lsn", "receive_start_tli", "flushed_lsn", "received_tli",
            "last_msg_send_time", "last_msg_receipt_time", "latest_end_lsn", "latest_end_time",
        ]
        let values = ([host] + columns.map { "r.\($0)" }).joined(separator: ", ")
        return SQL("CASE WHEN num_nulls(\(values)) = 0 THEN \(text) END")
    }

    private static let receiver = part(
        "stat_wal_receiver", help: "The WAL receiver of a standby (pg_stat_wal_receiver)",
        from: Definition.walReceiver.from,
        columns: [
            .label("upstream_host", SQL(host)), .label("slot_name", "r.slot_name"), .label("status", "r.status"),
            position("receive_start_lsn", "Position at which streaming began"),
            position("flushed_lsn", "Position up to which WAL was flushed to disk"),
            .gauge(
                "receive_start_tli", whole("r.receive_start_tli"),
                help: "Timeline at which streaming began (pg_stat_wal_receiver.receive_start_tli)"),
            .gauge(
                "received_tli", whole("r.received_tli"),
                help: "Timeline of the last WAL received (pg_stat_wal_receiver.received_tli)"),
            moment("last_msg_send_time", "When the last message was sent"),
            moment("last_msg_receipt_time", "When the last message arrived"),
            position("latest_end_lsn", "Position that was last reported back"),
            moment("latest_end_time", "When that was reported"),
            .gauge(
                "upstream_node", whole("nullif(substring(r.slot_name FROM 'repmgr_slot_([0-9]*)'), '')::bigint"),
                help: "The node that repmgr named the slot after (pg_stat_wal_receiver.slot_name)"),
        ], requires: ["pg_read_all_stats"], enabled: false)

    /// A position without the bits that a double cannot hold.
    private static func position(_ column: String, _ help: String) -> Column {
        .counter(
            column, whole("(r.\(column) - '0/0') % 4503599627370496"), in: .bytes,
            help: "\(help) (pg_stat_wal_receiver.\(column))")
    }

    private static func moment(_ column: String, _ help: String) -> Column {
        .counter(
            column, whole("extract(epoch FROM r.\(column))"),
            help: "\(help), in seconds since 1970 (pg_stat_wal_receiver.\(column))")
    }
}
