package import Sonde

extension Definition {
    /// `pg_control_recovery()`: how far a standby must have replayed before it may be used.
    package static let controlRecovery = Definition(
        "control_recovery", help: "What a standby must replay before it is consistent (pg_control_recovery())",
        // On a primary everything in it is zero.
        from: "pg_control_recovery() AS r WHERE pg_is_in_recovery()",
        columns: [
            .gauge(
                "min_recovery_end_lsn_bytes", "r.min_recovery_end_lsn", in: .bytes,
                help: "Position up to which a restart must replay (pg_control_recovery().min_recovery_end_lsn)"),
            .gauge(
                "min_recovery_end_timeline", "r.min_recovery_end_timeline",
                help: "Timeline of that position (pg_control_recovery().min_recovery_end_timeline)"),
            .gauge(
                "backup_start_lsn_bytes", "nullif(r.backup_start_lsn, '0/0')", in: .bytes,
                help: "Start of the backup that is being restored (pg_control_recovery().backup_start_lsn)"),
            .gauge(
                "backup_end_lsn_bytes", "nullif(r.backup_end_lsn, '0/0')", in: .bytes,
                help: "End of the backup that is being restored, taken from a standby "
                    + "(pg_control_recovery().backup_end_lsn)"),
            .gauge(
                "end_of_backup_record_required", "r.end_of_backup_record_required",
                help: "1 until the end of the restored backup is seen in WAL "
                    + "(pg_control_recovery().end_of_backup_record_required)"),
        ])
}
