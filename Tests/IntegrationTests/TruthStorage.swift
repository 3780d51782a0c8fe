extension TruthCase {
    /// Blocks, caches, shared memory and temporary files.
    static let storage: [TruthCase] =
        view(
            "io", ioLabels, "pg_stat_io", majors: 16...99,
            counters("reads", "writes", "writebacks", "extends", "hits", "evictions", "reuses", "fsyncs")
                .merging(times("read_time", "write_time", "writeback_time", "extend_time", "fsync_time")) { $1 }
                .merging(timestamps(["stats_reset": "stats_reset"])) { $1 })
        + view(
            "io", ioLabels, "pg_stat_io", majors: 16...17,
            [
                "read_bytes_total": "reads * 8192", "write_bytes_total": "writes * 8192",
                "extend_bytes_total": "extends * 8192",
            ])
        + view("io", ioLabels, "pg_stat_io", majors: 18...99, counters("read_bytes", "write_bytes", "extend_bytes"))
        + view("slru", [("name", "name")], "pg_stat_slru", majors: 17...99, slruColumns)
        + view(
            "slru", [("name", "new")],
            """
            pg_stat_slru JOIN (VALUES ('CommitTs', 'commit_timestamp'), ('MultiXactMember', 'multixact_member'),
            ('MultiXactOffset', 'multixact_offset'), ('Notify', 'notify'), ('Serial', 'serializable'),
            ('Subtrans', 'subtransaction'), ('Xact', 'transaction'), ('other', 'other')) AS names (old, new) ON old = name
            """, majors: 13...16, slruColumns)
        + view(
            "shared_memory", [("name", "name")], "pg_shmem_allocations", majors: 15...99,
            ["size_bytes": "size", "allocated_bytes": "allocated_size"])
        + view(
            "tmpdir", [("spcname", "spcname")], "pg_tablespace WHERE spcname = 'pg_default'",
            [
                "files": "(SELECT count(*) FROM pg_ls_tmpdir())",
                "bytes": "(SELECT coalesce(sum(size), 0) FROM pg_ls_tmpdir())",
            ])
        + view("tablespace_size", [("spcname", "spcname")], "pg_tablespace", ["bytes": "pg_tablespace_size(oid)"])
        // Those by name and the rest.
        + view(
            "catalog_size", [("datname", "current_database()")],
            "pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' AND NOT relisshared",
            database: "shop", ["bytes": "sum(pg_total_relation_size(oid))"])

    private static let ioLabels = [
        (name: "backend_type", sql: "backend_type"), (name: "object", sql: "object"), (name: "context", sql: "context"),
    ]
    private static let slruColumns = counters(
        "blks_zeroed", "blks_hit", "blks_read", "blks_written", "blks_exists", "flushes", "truncates"
    ).merging(timestamps(["stats_reset": "stats_reset"])) { $1 }
}
