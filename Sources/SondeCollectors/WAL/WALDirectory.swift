package import Sonde

extension Definition {
    /// `pg_ls_waldir()`: the files of the write-ahead log.
    ///
    /// Files that begin after the current position hold nothing yet: they wait to be used. The others are kept, for slots, for
    /// the archiver, for `wal_keep_size` or for the next checkpoint.
    package static let walDirectory = Definition(
        "wal_directory", help: "Files of the write-ahead log (pg_ls_waldir())",
        from: SQL(
            """
            (SELECT f.size, f.modification, \(WALFile.start(of: "f.name")) AS start, w.lsn - '0/0' AS position
            FROM pg_ls_waldir() AS f CROSS JOIN \(WALFile.ownPosition) AS w WHERE f.name ~ '^[0-9A-F]{24}$') AS f
            """),
        columns: [
            // Where the directory cannot be read, services give no rows instead of an error.
            .gauge("segments", "nullif(count(*), 0)", help: "WAL files on disk (pg_ls_waldir())"),
            .gauge("bytes", "sum(f.size)", in: .bytes, help: "Size of the WAL files on disk (pg_ls_waldir().size)"),
            .gauge(
                "future_segments", "nullif(count(*), 0) - count(*) FILTER (WHERE f.start <= f.position)",
                help: "WAL files that wait to be used, behind the one that is written (pg_ls_waldir().name)"),
            .gauge(
                "retained_bytes", "max(f.position) - min(f.start) FILTER (WHERE f.start <= f.position)", in: .bytes,
                help: "WAL from the beginning of the oldest file to the current position (pg_ls_waldir().name)"),
            .gauge(
                "oldest_timestamp_seconds", "min(f.modification) FILTER (WHERE f.start <= f.position)", in: .timestamp,
                help: "When the oldest WAL file that is still kept was written (pg_ls_waldir().modification)"),
        ],
        requires: .init(privileges: ["EXECUTE ON FUNCTION pg_ls_waldir()"]), cost: .medium, group: true)
}
