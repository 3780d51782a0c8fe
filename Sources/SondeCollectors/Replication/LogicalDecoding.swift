package import Sonde

extension Definition {
    /// `pg_stat_replication_slots`, which exists since 14: what logical decoding sent, and what did not fit into its memory.
    package static let logicalDecoding = Definition(
        "logical_decoding", help: "Work of logical decoding by slot (pg_stat_replication_slots)",
        from: [14: "pg_stat_replication_slots AS s"],
        columns: [
            .label("slot_name", "s.slot_name"),
            .counter(
                "spill_txns_total", "s.spill_txns",
                help:
                    "Transactions that went to disk, larger than logical_decoding_work_mem (pg_stat_replication_slots.spill_txns)"
            ),
            .counter(
                "spill_count_total", "s.spill_count",
                help: "Times that changes went to disk (pg_stat_replication_slots.spill_count)"),
            .counter(
                "spill_bytes_total", "s.spill_bytes", in: .bytes,
                help: "Decoded changes that went to disk (pg_stat_replication_slots.spill_bytes)"),
            .counter(
                "stream_txns_total", "s.stream_txns",
                help: "Transactions that were sent before their end (pg_stat_replication_slots.stream_txns)"),
            .counter(
                "stream_count_total", "s.stream_count",
                help: "Times that changes were sent before the end (pg_stat_replication_slots.stream_count)"),
            .counter(
                "stream_bytes_total", "s.stream_bytes", in: .bytes,
                help: "Decoded changes that were sent before the end (pg_stat_replication_slots.stream_bytes)"),
            .counter(
                "txns_total", "s.total_txns",
                help: "Decoded transactions that were sent (pg_stat_replication_slots.total_txns)"),
            .counter(
                "bytes_total", "s.total_bytes", in: .bytes,
                help: "Decoded changes of such transactions (pg_stat_replication_slots.total_bytes)"),
            .counter(
                "mem_exceeded_count_total", [19: "s.mem_exceeded_count"],
                help:
                    "Times that decoding needed more memory than it may have (pg_stat_replication_slots.mem_exceeded_count)"
            ),
            .counter(
                "slotsync_skip_count_total", [19: "s.slotsync_skip_count"],
                help:
                    "Times that a standby could not synchronise the slot (pg_stat_replication_slots.slotsync_skip_count)"
            ),
            .gauge(
                "slotsync_last_skip_timestamp_seconds", [19: "s.slotsync_last_skip"], in: .timestamp,
                help: "When it last could not (pg_stat_replication_slots.slotsync_last_skip)"),
            .gauge(
                "stats_reset_timestamp_seconds", "s.stats_reset", in: .timestamp,
                help: "When these counters were last reset (pg_stat_replication_slots.stats_reset)"),
        ])
}
