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
    /// The transaction ends well, since every one that is rolled back is counted in `pg_stat_database`.
    var closing: [String] {
        switch self {
        case .session: []
        case .reading: ["COMMIT"]
        case .undone: ["ROLLBACK TO \(Self.savepoint)", "COMMIT"]
        }
    }
}
