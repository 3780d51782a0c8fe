/// What became of a job.
package struct Outcome: Sendable, Hashable {
    /// Why it failed, or was not run; nil for success.
    package var error: PostgresError?
    /// Whether the server may have begun it.
    ///
    /// A job that was not run says nothing about its collector.
    package var wasRun: Bool
    /// Rows that came.
    package var rows = 0
    /// Bytes of their cells.
    package var bytes = 0
    /// The time from the end of the job before to its own.
    package var duration: Duration = .zero
    /// When it ended; nil where it was not run.
    package var end: ContinuousClock.Instant?

    /// Makes an outcome.
    package init(error: PostgresError? = nil, wasRun: Bool = true) {
        self.error = error
        self.wasRun = wasRun
    }
}
