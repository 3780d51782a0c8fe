/// Where a collector's queries run.
public enum Scope: String, Sendable, Hashable, CaseIterable {
    /// Once per server.
    case server
    /// In every database of the server; a `datname` label comes by itself.
    case database
    /// Once per server, in a database that has what the collector requires: the one that is connected to first, or any other.
    case anywhere
}
