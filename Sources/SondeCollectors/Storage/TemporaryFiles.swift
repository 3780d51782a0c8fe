package import Sonde

extension Definition {
    /// `pg_ls_tmpdir()` of each tablespace: temporary files that are on disk now; those of the past are in ``database``.
    ///
    /// `pg_global` has none of its own: asked for them, the server shows those of `pg_default`. What parallel workers share lies in
    /// folders that the function does not look into.
    package static let temporaryFiles = Definition(
        "tmpdir", help: "Temporary files on disk by tablespace (pg_ls_tmpdir())",
        from: """
            pg_tablespace AS t LEFT JOIN LATERAL pg_ls_tmpdir(t.oid) AS f ON true WHERE t.spcname <> 'pg_global'
            """,
        columns: [
            .label("spcname", "t.spcname"),
            .gauge(
                "files", "count(f.name)",
                help: "Temporary files, without those that parallel workers share (pg_ls_tmpdir())"),
            .gauge("bytes", "coalesce(sum(f.size), 0)", in: .bytes, help: "Their size (pg_ls_tmpdir().size)"),
            .gauge(
                "oldest_timestamp_seconds", "min(f.modification)", in: .timestamp,
                help: "When the one that was left alone longest was written (pg_ls_tmpdir().modification)"),
        ],
        requires: .init(privileges: ["EXECUTE ON FUNCTION pg_ls_tmpdir(oid)"]), cost: .medium, group: true)
}
