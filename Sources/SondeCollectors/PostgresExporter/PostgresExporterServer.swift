import Sonde

extension PostgresExporter {
    /// What it shows of the server as a whole.
    static func server(_ options: Options) -> [Member] {
        [
            Member("static", hasFlag: false, [version]),
            Member("postmaster", [postmaster]),
            Member("settings", [PostgresExporterSettings()]),
            Member("roles", [roles(options)]),
            Member("buffercache_summary", since: 16, [bufferCache]),
        ]
    }

    /// The FROM of the canonical collectors that need no row.
    private static let nothing: SQL = "(SELECT pg_is_in_recovery() AS in_recovery) AS s"

    private static let version = part(
        "static", help: "The server's version (version())", from: nothing,
        columns: [
            .label("version", "version()"),
            // Three numbers, of which PostgreSQL has had two since 10.
            .label(
                "short_version",
                """
                current_setting('server_version_num')::integer / 10000 || '.' ||
                current_setting('server_version_num')::integer % 10000 || '.0'
                """),
            .untyped(
                "static", "1", help: "Always 1; the labels tell the server's version (version())", metric: "pg_static"),
        ])

    private static let postmaster = part(
        "postmaster", help: "The server's start (pg_postmaster_start_time())", from: nothing,
        columns: [
            .gauge(
                "start_time_seconds", "pg_postmaster_start_time()", in: .timestamp,
                help: "When the server was started, in seconds since 1970 (pg_postmaster_start_time())")
        ], enabled: false)

    /// As seldom as the canonical collectors ask for roles, where they are read together.
    private static func roles(_ options: Options) -> Definition {
        part(
            "roles", help: "Roles (pg_roles)", from: "pg_roles AS r",
            columns: [
                .label("rolname", "r.rolname"),
                .gauge(
                    "connection_limit", "r.rolconnlimit",
                    help: "Most connections of the role, -1 for no limit (pg_roles.rolconnlimit)"),
            ], cost: options.isBeside ? .medium : .light)
    }

    private static let bufferCache = part(
        "buffercache_summary", help: "Shared buffers in use (pg_buffercache_summary())",
        from: Definition.bufferCache.from,
        columns: [
            .gauge("buffers_used", "coalesce(s.buffers_used, 0)", help: "Buffers in use (buffers_used)"),
            .gauge("buffers_unused", "coalesce(s.buffers_unused, 0)", help: "Buffers not in use (buffers_unused)"),
            .gauge("buffers_dirty", "coalesce(s.buffers_dirty, 0)", help: "Buffers to be written (buffers_dirty)"),
            .gauge(
                "buffers_pinned", "coalesce(s.buffers_pinned, 0)", help: "Buffers held by somebody (buffers_pinned)"),
            .gauge("usagecount_avg", "coalesce(s.usagecount_avg, 0)", help: "Mean usage count (usagecount_avg)"),
        ],
        axis: .extension("pg_buffercache"), requires: ["pg_monitor"], cost: .medium, enabled: false)
}
