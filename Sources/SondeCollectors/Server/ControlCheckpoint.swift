package import Sonde

extension Definition {
    /// `pg_control_checkpoint()`: the last checkpoint, or on a standby the one that its last restartpoint rests on.
    ///
    /// The name of the file that holds the redo position is left out: as a label it would begin new series with each checkpoint.
    package static let controlCheckpoint = Definition(
        "control_checkpoint", help: "The last checkpoint, as the control file has it (pg_control_checkpoint())",
        from: "pg_control_checkpoint() AS c",
        columns: [
            .gauge(
                "timestamp_seconds", "c.checkpoint_time", in: .timestamp,
                help: "When the last checkpoint began (pg_control_checkpoint().checkpoint_time)"),
            .gauge(
                "checkpoint_lsn_bytes", "c.checkpoint_lsn", in: .bytes,
                help: "Position of the last checkpoint's record (pg_control_checkpoint().checkpoint_lsn)"),
            .gauge(
                "redo_lsn_bytes", "c.redo_lsn", in: .bytes,
                help: "Position that a crash recovery would begin at (pg_control_checkpoint().redo_lsn)"),
            .gauge(
                "timeline", "c.timeline_id",
                help: "Timeline of the last checkpoint (pg_control_checkpoint().timeline_id)"),
            .gauge(
                "prev_timeline", "c.prev_timeline_id",
                help: "Timeline before that one, the same if none began (pg_control_checkpoint().prev_timeline_id)"),
            .gauge(
                "full_page_writes", "c.full_page_writes",
                help: "1 if full pages went to WAL at the last checkpoint (pg_control_checkpoint().full_page_writes)"),
            .gauge(
                "logical_decoding", [19: "c.logical_decoding"],
                help: "1 if WAL could be decoded at the last checkpoint (pg_control_checkpoint().logical_decoding)"),
            // Written as epoch and number, "0:491".
            .gauge(
                "next_xid",
                """
                split_part(c.next_xid, ':', 1)::bigint * 4294967296 + split_part(c.next_xid, ':', 2)::bigint
                """,
                help: "Next transaction ID at the last checkpoint, epoch included (pg_control_checkpoint().next_xid)"),
            .gauge(
                "next_oid", "c.next_oid::bigint",
                help: "Next object ID at the last checkpoint; it wraps around (pg_control_checkpoint().next_oid)"),
            .gauge(
                "next_multixact_id", "c.next_multixact_id::text::bigint",
                help: "Next multixact ID at the last checkpoint (pg_control_checkpoint().next_multixact_id)"),
            .gauge(
                "next_multi_offset", "c.next_multi_offset::text::bigint",
                help: "Next multixact member at the last checkpoint; wraps around until 18 "
                    + "(pg_control_checkpoint().next_multi_offset)"),
            .gauge(
                "oldest_xid_age", "age(c.oldest_xid)",
                help: "Transactions since the oldest unfrozen of all databases (pg_control_checkpoint().oldest_xid)"),
            // 0 is none.
            .gauge(
                "oldest_active_xid_age", "age(nullif(c.oldest_active_xid::text, '0')::xid)",
                help: "Transactions since the oldest that ran at the last checkpoint "
                    + "(pg_control_checkpoint().oldest_active_xid)"),
            .gauge(
                "oldest_multi_xid_age", "mxid_age(c.oldest_multi_xid)",
                help: "Multixacts since the oldest of all databases (pg_control_checkpoint().oldest_multi_xid)"),
            .gauge(
                "oldest_commit_ts_xid_age", "age(nullif(c.oldest_commit_ts_xid::text, '0')::xid)",
                help: "Transactions since the oldest whose commit time is kept "
                    + "(pg_control_checkpoint().oldest_commit_ts_xid)"),
        ])
}
