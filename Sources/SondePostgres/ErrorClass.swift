/// What kind of thing went wrong, as metrics show it.
package enum ErrorClass: String, Sendable, Hashable, CaseIterable {
    /// The server refused us: password, role, `pg_hba.conf`, certificate.
    case auth
    /// No connection, or one that broke; a server that shuts down included.
    case network
    /// A time limit passed: ours, the server's `statement_timeout` or its `lock_timeout`.
    case timeout
    /// All of the server's, the database's or the role's connections are taken.
    case tooManyConnections = "too_many_connections"
    /// The server is there and does not take connections: starting, recovering, shutting down.
    case startingUp = "starting_up"
    /// A privilege is missing.
    case permission
    /// A column, function, table or other object does not exist.
    case undefined
    /// Anything else.
    case other

    /// The class of an error that the server reports.
    ///
    /// 57P01 and 57P02 (shutdown, crash) and the other ways in which a server ends a session are `network`: the session is gone and a
    /// new one decides. A session that is refused with 57P03 is `startingUp`.
    package init(sqlstate: String) {
        switch sqlstate {
        case "57P03": self = .startingUp
        case "53300": self = .tooManyConnections
        case "42501": self = .permission
        case "42703", "42883", "42P01", "42704": self = .undefined
        case "57014", "55P03": self = .timeout
        case "57P01", "57P02", "57P04", "57P05", "25P03", "25P04": self = .network
        // Not a broken connection: somebody in between does not understand us, most often a pooler.
        case "08P01": self = .other
        default:
            if sqlstate.hasPrefix("28") {
                self = .auth
            } else if sqlstate.hasPrefix("08") {
                self = .network
            } else {
                self = .other
            }
        }
    }
}
