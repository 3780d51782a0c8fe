extension Job.Confinement {
    /// A name of ours, so that what a statement rolls back is its own.
    private static let savepoint = "pgsonde"

    /// What stands before the statement, in the transaction that it runs in.
    var opening: [String] {
        switch self {
        case .session: []
        case .reading: ["BEGIN READ ONLY"]
        case .undone: ["BEGIN READ ONLY", "SAVEPOINT \(Self.savepoint)"]
        }
    }

    /// What comes after it, be it that it failed.
    ///
    /// Locks that a function takes for the session outlive its transaction, and would be held as long as the session is used.
    /// The transaction ends well, since every one that is rolled back is counted in `pg_stat_database`.
    var closing: [String] {
        switch self {
        case .session: []
        case .reading: ["COMMIT", "CLOSE ALL", "UNLISTEN *", Self.unlocking]
        case .undone: ["ROLLBACK TO \(Self.savepoint)", "COMMIT", Self.unlocking]
        }
    }

    private static let unlocking = "SELECT pg_catalog.pg_advisory_unlock_all()"
}
