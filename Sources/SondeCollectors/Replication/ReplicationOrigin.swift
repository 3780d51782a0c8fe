package import Sonde

extension Definition {
    /// `pg_replication_origin_status`: how far changes from elsewhere were applied here.
    ///
    /// Only superusers may read it, unless they let others.
    package static let replicationOrigin = Definition(
        "replication_origin", help: "Progress of applying changes, by origin (pg_replication_origin_status)",
        from: "pg_replication_origin_status AS s",
        columns: [
            .label("external_id", "s.external_id"),
            .gauge(
                "remote_lsn_bytes", "s.remote_lsn", in: .bytes,
                help:
                    "Position at the origin up to which changes were applied (pg_replication_origin_status.remote_lsn)"
            ),
            .gauge(
                "local_lsn_bytes", "s.local_lsn", in: .bytes,
                help: "Position here up to which that is on disk (pg_replication_origin_status.local_lsn)"),
        ],
        requires: .init(privileges: [
            "SELECT ON pg_replication_origin_status", "EXECUTE ON FUNCTION pg_show_replication_origin_status()",
        ]))
}
