/// A statement to run, for one step of a collector's plan.
package struct Job: Sendable, Hashable {
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

    /// Makes a job.
    package init(
        step: Int, sql: String, collector: String, timeout: Duration, prepared: Bool = true, searchPath: String? = nil
    ) {
        self.step = step
        self.sql = sql
        self.collector = collector
        self.timeout = timeout
        self.prepared = prepared
        self.searchPath = searchPath
    }
}
