import Sonde

/// A connection that is made: sets it up, and runs jobs in the way that fits.
final class Session {
    let link: Link
    private let settings: ConnectionSettings
    /// Whether it can run nothing more.
    private(set) var isOver = false

    private struct Unread: RowSink {
        func take(_ rows: borrowing Rows, of step: Int) {}
    }

    /// Sets a new connection up.
    ///
    /// - Throws: what made the connection useless; a setting that is refused does not.
    init(_ link: Link, settings: ConnectionSettings, by deadline: ContinuousClock.Instant) throws(PostgresError) {
        self.link = link
        self.settings = settings
        link.isRaw = link.parameter("server_encoding") == "SQL_ASCII"
        guard link.begin(pipeline: settings.way == .direct) else {
            throw PostgresError(.network, message: link.message)
        }
        guard settings.way == .direct else { return }
        // A statement is asked to end before it is given up, and that is to be over by the deadline, too.
        let patience = { max(deadline - .now - .seconds(1), (deadline - .now) / 2) }
        let path = Job(step: 0, sql: SearchPath.first, collector: "", timeout: patience(), prepared: false)
        for checksConnection in [true, false] {
            let sql = SessionSettings(settings).first(
                encoding: link.isRaw ? "SQL_ASCII" : nil, checksConnection: checksConnection)
            let job = Job(step: 0, sql: sql, collector: "", timeout: patience(), prepared: false)
            let outcomes = run([path, job], into: Unread())
            guard var error = outcomes.lazy.compactMap(\.error).first else { return }
            error.collector = nil
            // Without the first one names would be looked up anywhere, and without the second nothing would have a limit.
            if isOver || outcomes.first?.error != nil || !checksConnection { throw error }
        }
    }

    /// Runs jobs one after the other.
    func run(_ jobs: [Job], into sink: any RowSink) -> [Outcome] {
        link.consumeIdle()
        guard !link.isBad else {
            isOver = true
            let error = PostgresError(.network, message: "the session was ended while it was idle: \(link.message)")
            return jobs.map { _ in Outcome(error: error, wasRun: false) }
        }
        let (outcomes, failure): ([Outcome?], PostgresError?)
        switch settings.way {
        case .direct:
            var run = PipelineRun(link, jobs: jobs, sink: sink)
            run.run()
            (outcomes, failure) = (run.outcomes, run.failure)
        case .pooled, .console, .administration:
            var run = SimpleRun(link, settings: settings, jobs: jobs, sink: sink)
            run.run()
            (outcomes, failure) = (run.outcomes, run.failure)
        }
        if failure != nil { isOver = true }
        return zip(jobs, outcomes).map { job, outcome in
            guard outcome == nil else { return outcome ?? Outcome() }
            var error = failure
            error?.collector = job.collector
            return Outcome(error: error, wasRun: false)
        }
    }
}
