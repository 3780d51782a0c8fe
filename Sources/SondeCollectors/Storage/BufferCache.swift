package import Sonde

extension Definition {
    /// `pg_buffercache_summary()`, which comes with 1.4 of the extension, that of PostgreSQL 16, and takes no locks.
    package static let bufferCache = Definition(
        "buffercache", help: "What shared buffers hold (pg_buffercache_summary())",
        from: ["1.4": "{schema}.pg_buffercache_summary() AS s"],
        columns: [
            .gauge(
                "buffers_used", "s.buffers_used",
                help: "Shared buffers that hold a block (pg_buffercache_summary().buffers_used)"),
            .gauge(
                "buffers_unused", "s.buffers_unused",
                help: "Shared buffers that are still empty (pg_buffercache_summary().buffers_unused)"),
            .gauge(
                "buffers_dirty", "s.buffers_dirty",
                help: "Shared buffers that have to be written (pg_buffercache_summary().buffers_dirty)"),
            .gauge(
                "buffers_pinned", "s.buffers_pinned",
                help: "Shared buffers in use at this moment (pg_buffercache_summary().buffers_pinned)"),
            .gauge(
                "usagecount_avg", "s.usagecount_avg",
                help: "Mean usage count of the used buffers, 0 to 5 (pg_buffercache_summary().usagecount_avg)"),
        ],
        axis: .extension("pg_buffercache"), requires: .init(roles: ["pg_monitor"]), cost: .medium, enabled: false)

    /// `pg_buffercache_usage_counts()`, of the same version.
    package static let bufferCacheUsage = Definition(
        "buffercache_usage", help: "Shared buffers by usage count (pg_buffercache_usage_counts())",
        from: ["1.4": "{schema}.pg_buffercache_usage_counts() AS s"],
        columns: [
            .label("usage_count", "s.usage_count"),
            .gauge(
                "buffers", "s.buffers",
                help: "Shared buffers with this usage count (pg_buffercache_usage_counts().buffers)"),
            .gauge(
                "dirty", "s.dirty", help: "Those that have to be written (pg_buffercache_usage_counts().dirty)"),
            .gauge(
                "pinned", "s.pinned", help: "Those in use at this moment (pg_buffercache_usage_counts().pinned)"),
        ],
        axis: .extension("pg_buffercache"), requires: .init(roles: ["pg_monitor"]), cost: .medium, enabled: false)
}
