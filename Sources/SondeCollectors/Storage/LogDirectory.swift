package import Sonde

extension Definition {
    /// `pg_ls_logdir()`: the files that the logging collector writes.
    ///
    /// Where the server logs elsewhere there is often no such directory: then nothing is asked and nothing shown.
    package static let logDirectory = Definition(
        "log_directory", help: "Files of the server's log (pg_ls_logdir())",
        from: "pg_ls_logdir() AS f WHERE current_setting('logging_collector') = 'on'",
        columns: [
            .gauge("files", "nullif(count(*), 0)", help: "Log files on disk (pg_ls_logdir())"),
            .gauge("bytes", "sum(f.size)", in: .bytes, help: "Their size (pg_ls_logdir().size)"),
            .gauge(
                "newest_timestamp_seconds", "max(f.modification)", in: .timestamp,
                help: "When the log was last written to (pg_ls_logdir().modification)"),
        ],
        requires: .init(privileges: ["EXECUTE ON FUNCTION pg_ls_logdir()"]), cost: .medium, group: true)
}
