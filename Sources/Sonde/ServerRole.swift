/// The servers that a collector makes sense on.
public enum ServerRole: String, Sendable, Hashable, CaseIterable {
    /// Primaries and standbys.
    case any
    /// Servers that are not in recovery.
    case primary
    /// Servers that are in recovery.
    case standby
}
