package import Sonde

extension Definition {
    /// `pg_get_multixact_stats()`: what multixacts take up in all databases; a standby does not say.
    package static let multixact = Definition(
        "multixact", help: "Multixacts that are kept, and their members (pg_get_multixact_stats())",
        from: [19: "pg_get_multixact_stats() AS m"],
        columns: [
            .gauge(
                "ids", [19: "m.num_mxids"], help: "Multixacts that are kept (pg_get_multixact_stats().num_mxids)"),
            .gauge(
                "members", [19: "m.num_members"],
                help: "Members of the multixacts that are kept (pg_get_multixact_stats().num_members)"),
            .gauge(
                "members_bytes", [19: "m.members_size"], in: .bytes,
                help: "Disk space of the members that are kept (pg_get_multixact_stats().members_size)"),
            .gauge(
                "oldest_age", [19: "mxid_age(m.oldest_multixact)"],
                help: "Multixacts since the oldest that is kept (pg_get_multixact_stats().oldest_multixact)"),
        ],
        on: .primary, requires: .init(roles: ["pg_read_all_stats"]))
}
