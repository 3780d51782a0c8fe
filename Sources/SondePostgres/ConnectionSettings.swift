/// Where and how to connect.
package struct ConnectionSettings: Sendable, Hashable {
    /// What answers, which decides how statements are sent.
    package enum Way: Sendable, Hashable {
        /// The server itself: startup options, and one pipeline with named statements.
        case direct
        /// A server behind a pooler: no startup options, a transaction with its settings for each statement, no named statements.
        case pooled
        /// The console of a PgBouncer: no startup options, and commands that are no SQL, one after the other.
        case console
        /// The server itself, for who prepares it: no startup options, and statements that change things, one after the other.
        case administration
    }

    /// libpq's keywords: `host`, `port`, `user`, `dbname`, `password`, `sslmode`, … What is missing comes from `PG*` variables.
    package var keywords: [String: String]
    /// What answers.
    package var way: Way
    /// The server's own limit for each statement: a net below our deadlines.
    package var statementTimeout: Duration
    /// The server's limit for waiting for a lock; under a second, so that `log_lock_waits` never names us.
    package var lockTimeout: Duration
    /// The server's limit for a transaction that does nothing.
    package var idleInTransactionTimeout: Duration
    /// The most bytes of one result; a larger one ends the session.
    package var maxResultBytes: Int

    /// Makes settings.
    package init(
        keywords: [String: String], way: Way = .direct, statementTimeout: Duration = .seconds(60),
        lockTimeout: Duration = .milliseconds(500), idleInTransactionTimeout: Duration = .seconds(10),
        maxResultBytes: Int = 256 << 20
    ) {
        self.keywords = keywords
        self.way = way
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.idleInTransactionTimeout = idleInTransactionTimeout
        self.maxResultBytes = maxResultBytes
    }

    /// The values that must never be shown.
    var secrets: [String] {
        ["password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"].compactMap {
            keywords[$0]
        }
    }
}

extension ConnectionSettings: CustomStringConvertible, CustomReflectable {
    /// The names of the keywords only.
    package var description: String {
        "connection by \(keywords.keys.sorted().joined(separator: ", "))\(way == .direct ? "" : ", \(way)")"
    }

    package var customMirror: Mirror {
        Mirror(self, children: ["description": description])
    }
}
