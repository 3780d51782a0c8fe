package import Sonde

extension Definition {
    /// `SHOW VERSION`.
    package static let pgbouncerVersion = Definition(
        "pgbouncer_version", help: "Version of the PgBouncer (SHOW VERSION.version)",
        query: "SHOW VERSION", columns: [.info("version", "version")], kind: .pgbouncer, cost: .medium)
}
