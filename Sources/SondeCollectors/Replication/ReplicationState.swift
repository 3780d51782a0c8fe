package import Sonde

extension Definition {
    /// `pg_stat_replication` once more, by state: apart from ``replication``, whose series thereby outlive a change of state.
    package static let replicationState = Definition(
        "replication_state", help: "Standbys and other receivers of WAL by state (pg_stat_replication)",
        from: SQL(receivers),
        columns: receiver + [
            .label("state", "r.state"),
            .label("sync_state", "r.sync_state"),
            .gauge(
                "walsenders", "count(*)", other: .sum,
                help: "Connections in this state (pg_stat_replication.state, pg_stat_replication.sync_state)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]), group: true,
        limit: Limit(rows: 100, by: ["walsenders"]))
}
