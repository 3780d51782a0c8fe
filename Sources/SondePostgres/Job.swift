package import Sonde

/// A statement to run, for one step of a collector's plan.
package struct Job: Sendable, Hashable {
    /// What keeps a statement from doing more than to read, whatever it calls.
    package enum Confinement: Sendable, Hashable {
        /// What the session is set to, for statements of ours.
        case session
        /// A transaction that says itself that it only reads: the session's own word for that could have been changed.
        case reading
        /// The same, and of what the statement sets nothing stays.
        case undone

        /// That of a definition that is not ours; one that goes relation by relation hands values on in settings.
        package init(_ definition: Definition) {
            self = definition.each ? .reading : .undone
        }
    }

    /// What is handed to the sink with the rows.
    package var step: Int
    /// One SQL statement, without parameters.
    package var sql: String
    /// The collector, for errors.
    package var collector: String
    /// The time that it may take, counted from the end of the job before.
    package var timeout: Duration
    /// Whether it comes again and again, so that preparing it pays.
    package var prepared: Bool
    /// Whether it is only looked at: the server says what columns it would have, and runs nothing.
    package var isDescription = false
    /// What `search_path` is while it runs; nil for `pg_catalog` alone, `default` for what the role has by itself.
    package var searchPath: String?
    /// What keeps it from doing more than to read.
    package var confinement = Confinement.session

    /// Makes a job.
    package init(
        step: Int, sql: String, collector: String, timeout: Duration, prepared: Bool = true, searchPath: String? = nil,
        confinement: Confinement = .session
    ) {
        self.step = step
        self.sql = sql
        self.collector = collector
        self.timeout = timeout
        self.prepared = prepared
        self.searchPath = searchPath
        self.confinement = confinement
    }
}
