package import Sonde

extension Definition {
    /// `pg_ls_archive_statusdir()`: what waits to be archived, also where archiving has never worked.
    package static let archiveStatus = Definition(
        "archive_status", help: "Files that wait for the archiver (pg_ls_archive_statusdir())",
        from: "pg_ls_archive_statusdir() AS f WHERE f.name ~ '\\.ready$'",
        columns: [
            .gauge("ready_files", "count(*)", help: "Files that wait to be archived (pg_ls_archive_statusdir())"),
            .gauge(
                "ready_bytes", SQL("count(*) FILTER (WHERE f.name ~ '^[0-9A-F]{24}\\.') * \(WALFile.size)"),
                in: .bytes, help: "Size of the WAL files that wait to be archived (pg_ls_archive_statusdir())"),
            .gauge(
                "oldest_ready_timestamp_seconds", "min(f.modification)", in: .timestamp,
                help: "Since when the first of them has been waiting (pg_ls_archive_statusdir().modification)"),
        ],
        requires: .init(privileges: ["EXECUTE ON FUNCTION pg_ls_archive_statusdir()"]), cost: .medium, group: true)
}
