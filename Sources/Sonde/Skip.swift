/// Why a collector has nothing to run.
public enum Skip: Sendable, Hashable {
    /// The server's version has none of its columns.
    case version
    /// It is for primaries and this is a standby, or the other way round.
    case role
    /// Something is missing; the text says what, and what to do.
    case unavailable(String)
    /// The role lacks a right in the database; the text says which and then, after a colon, the GRANT.
    case forbidden(String)
}
