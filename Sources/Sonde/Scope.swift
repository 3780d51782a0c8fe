/// Where a collector's queries run.
public enum Scope: String, Sendable, Hashable, CaseIterable {
    /// Once per server.
    case server
    /// In every database of the server; a `datname` label comes by itself.
    case database
}
