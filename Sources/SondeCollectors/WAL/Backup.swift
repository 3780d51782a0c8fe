package import Sonde

extension Definition {
    /// What the server itself knows of base backups: the history file that the end of one leaves among the WAL files.
    ///
    /// The newest such file stays there while archiving is on; without archiving, and for backups that were taken from a standby,
    /// there is none. Backups that are being streamed are in ``progressBaseBackup``.
    package static let backup = Definition(
        "backup", help: "The last base backup of this primary (pg_ls_waldir())",
        from: "pg_ls_waldir() AS f WHERE f.name ~ '^[0-9A-F]{24}\\.[0-9A-F]{8}\\.backup$'",
        columns: [
            .gauge(
                "last_finish_timestamp_seconds", "max(f.modification)", in: .timestamp,
                help: "End of the last base backup, by its history file; absent if there is none (pg_ls_waldir())"),
            .gauge(
                "last_start_lsn_bytes",
                SQL("max(\(WALFile.start(of: "f.name")) + ('x' || substr(f.name, 26, 8))::bit(32)::bigint)"),
                in: .bytes, help: "WAL position at which the last base backup began (pg_ls_waldir().name)"),
            .gauge(
                "exclusive_in_progress", [13: "pg_is_in_backup()", 15: nil],
                help: "1 from an exclusive pg_start_backup() to its end, until 14 (pg_is_in_backup())"),
            .gauge(
                "exclusive_start_timestamp_seconds", [13: "pg_backup_start_time()", 15: nil], in: .timestamp,
                help: "When the exclusive backup that is under way began, until 14 (pg_backup_start_time())"),
        ],
        requires: .init(privileges: ["EXECUTE ON FUNCTION pg_ls_waldir()"]), cost: .medium, group: true)
}
