/// The kind of program that a collector asks.
public enum ServerKind: String, Sendable, Hashable, CaseIterable {
    /// A PostgreSQL server.
    case postgresql
    /// The console of a PgBouncer.
    case pgbouncer
}
