package import Sonde

extension Definition {
    /// `pg_replication_slots`: what each slot keeps this server from removing.
    ///
    /// Temporary slots and those that copy a subscription's table are named too, although they are never used again: one that is left
    /// behind has to be dropped by its name. One that is lost keeps nothing, whatever its positions and transactions still say.
    package static let replicationSlot = Definition(
        "replication_slot", help: "What a slot is for and whether its WAL is still there (pg_replication_slots)",
        from: SQL("pg_replication_slots AS s CROSS JOIN \(WALFile.ownPosition) AS w"),
        columns: [
            .label("slot_name", "s.slot_name"),
            .info("slot_type", "s.slot_type"),
            .info("plugin", "s.plugin"),
            .info("datname", "s.database"),
            .info("wal_status", "s.wal_status"),
            .info("invalidation_reason", [17: "s.invalidation_reason"]),
            .info("slotsync_skip_reason", [19: "s.slotsync_skip_reason"]),
            .gauge("active", "s.active", help: "1 while somebody streams from the slot (pg_replication_slots.active)"),
            .gauge(
                "temporary", "s.temporary",
                help: "1 if the slot ends with its session (pg_replication_slots.temporary)"),
            .gauge(
                "retained_bytes", kept("greatest(w.lsn, s.restart_lsn) - s.restart_lsn"), in: .bytes,
                help: "WAL that is kept for the slot (pg_replication_slots.restart_lsn)"),
            .gauge(
                "confirmed_flush_lag_bytes", kept("greatest(w.lsn, s.confirmed_flush_lsn) - s.confirmed_flush_lsn"),
                in: .bytes,
                help: "WAL that a logical consumer has not confirmed (pg_replication_slots.confirmed_flush_lsn)"),
            .gauge(
                "safe_wal_size_bytes", "s.safe_wal_size", in: .bytes,
                help: "WAL that can be written before the slot may be lost (pg_replication_slots.safe_wal_size)"),
            .gauge(
                "restart_lsn_bytes", "s.restart_lsn", in: .bytes,
                help: "Position of the oldest WAL that is kept (pg_replication_slots.restart_lsn)"),
            .gauge(
                "confirmed_flush_lsn_bytes", "s.confirmed_flush_lsn", in: .bytes,
                help: "Position up to which a consumer confirmed (pg_replication_slots.confirmed_flush_lsn)"),
            .gauge(
                "xmin_age", kept("age(s.xmin)"),
                help: "Transactions that the slot keeps from vacuum (pg_replication_slots.xmin)"),
            .gauge(
                "catalog_xmin_age", kept("age(s.catalog_xmin)"),
                help: "Transactions that it keeps from vacuum in catalogues (pg_replication_slots.catalog_xmin)"),
            .gauge(
                "two_phase", [14: "s.two_phase"],
                help: "1 if prepared transactions are decoded (pg_replication_slots.two_phase)"),
            .gauge(
                "two_phase_at_bytes", [18: "s.two_phase_at"], in: .bytes,
                help: "Position from which they are decoded (pg_replication_slots.two_phase_at)"),
            .gauge(
                "conflicting", [16: "s.conflicting"],
                help: "1 if a logical slot was lost to recovery (pg_replication_slots.conflicting)"),
            .gauge(
                "failover", [17: "s.failover"],
                help: "1 if the slot is synchronised to standbys (pg_replication_slots.failover)"),
            .gauge(
                "synced", [17: "s.synced"],
                help: "1 if the slot came from a primary (pg_replication_slots.synced)"),
            .gauge(
                "inactive_since_timestamp_seconds", [17: "s.inactive_since"], in: .timestamp,
                help: "Since when nobody streams from the slot (pg_replication_slots.inactive_since)"),
        ])

    private static func kept(_ amount: String) -> SQL {
        SQL("CASE WHEN s.wal_status IS DISTINCT FROM 'lost' THEN \(amount) END")
    }
}
