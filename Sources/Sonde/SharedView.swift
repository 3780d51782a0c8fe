/// A view that definitions with different FROMs may read together, once for all of them.
///
/// What it shows is kept in the server's memory for as long as the statement runs, so only such views are here as are small: a row per
/// session, lock, role or the like. Of their columns only those are kept that somebody names.
struct SharedView {
    let name: String
    /// Those of all versions.
    let columns: [String]

    static let all = [
        SharedView(
            name: "pg_stat_activity",
            columns: [
                "datid", "datname", "pid", "leader_pid", "usesysid", "usename", "application_name", "client_addr",
                "client_hostname", "client_port", "backend_start", "xact_start", "query_start", "state_change",
                "wait_event_type", "wait_event", "state", "backend_xid", "backend_xmin", "query_id", "query",
                "backend_type",
            ]),
        SharedView(
            name: "pg_locks",
            columns: [
                "locktype", "database", "relation", "page", "tuple", "virtualxid", "transactionid", "classid", "objid",
                "objsubid", "virtualtransaction", "pid", "mode", "granted", "fastpath", "waitstart",
            ]),
        SharedView(
            name: "pg_stat_replication",
            columns: [
                "pid", "usesysid", "usename", "application_name", "client_addr", "client_hostname", "client_port",
                "backend_start", "backend_xmin", "state", "sent_lsn", "write_lsn", "flush_lsn", "replay_lsn",
                "write_lag", "flush_lag", "replay_lag", "sync_priority", "sync_state", "reply_time",
            ]),
        SharedView(
            name: "pg_replication_slots",
            columns: [
                "slot_name", "plugin", "slot_type", "datoid", "database", "temporary", "active", "active_pid", "xmin",
                "catalog_xmin", "restart_lsn", "confirmed_flush_lsn", "wal_status", "safe_wal_size", "two_phase",
                "two_phase_at", "inactive_since", "conflicting", "invalidation_reason", "failover", "synced",
                "slotsync_skip_reason",
            ]),
        SharedView(
            name: "pg_roles",
            columns: [
                "rolname", "rolsuper", "rolinherit", "rolcreaterole", "rolcreatedb", "rolcanlogin", "rolreplication",
                "rolconnlimit", "rolpassword", "rolvaliduntil", "rolbypassrls", "rolconfig", "oid",
            ]),
    ]

    /// The names of those that a FROM reads.
    static func names(in from: String) -> Set<String> {
        let words = words(of: from)
        return Set(all.map(\.name).filter(words.contains))
    }

    /// Everything in a text that may be a name.
    static func words(of text: String) -> Set<String> {
        let words = text.utf8.split { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                false
            default: true
            }
        }
        return Set(words.map { String(Substring($0)) })
    }

    /// The view under its own name, which then hides it from the rest of the statement.
    func table(for words: Set<String>) -> String {
        let columns = columns.filter(words.contains).joined(separator: ", ")
        return "\(name) AS MATERIALIZED (SELECT \(columns) FROM pg_catalog.\(name))"
    }
}
