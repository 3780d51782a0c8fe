/// Where and how to connect.
package struct ConnectionSettings: Sendable, Hashable {
    /// libpq's keywords: `host`, `port`, `user`, `dbname`, `password`, `sslmode`, … What is missing comes from `PG*` variables.
    package var keywords: [String: String]
    /// Whether there is a pooler in between: no startup options and no named statements then.
    package var pooled: Bool
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
        keywords: [String: String], pooled: Bool = false, statementTimeout: Duration = .seconds(60),
        lockTimeout: Duration = .milliseconds(500), idleInTransactionTimeout: Duration = .seconds(10),
        maxResultBytes: Int = 256 << 20
    ) {
        self.keywords = keywords
        self.pooled = pooled
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.idleInTransactionTimeout = idleInTransactionTimeout
        self.maxResultBytes = maxResultBytes
    }

    /// The values that must never be shown.
    var secrets: [String] {
        ["password", "sslpassword", "oauth_client_secret"].compactMap { keywords[$0] }
    }
}

extension ConnectionSettings: CustomStringConvertible, CustomReflectable {
    /// The names of the keywords only.
    package var description: String {
        "connection by \(keywords.keys.sorted().joined(separator: ", "))\(pooled ? ", pooled" : "")"
    }

    package var customMirror: Mirror {
        Mirror(self, children: ["description": description])
    }
}
