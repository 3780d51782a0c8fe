import Sonde

/// Runs jobs by the simple protocol, one after the other.
///
/// Through a pooler each has a transaction of its own, and leaves nothing behind in the session; a console has no transactions, and
/// who prepares a server means each statement as it is.
struct SimpleRun {
    private let link: Link
    private let jobs: [Job]
    private let sink: any RowSink
    private let settings: SessionSettings
    /// Whether statements are sent as they are.
    private let isBare: Bool
    /// What became of each job; nil for those that were not run.
    private(set) var outcomes: [Outcome?]
    /// What made the session useless.
    private(set) var failure: PostgresError?

    private var isPreviousCancelled = false

    init(_ link: Link, settings: ConnectionSettings, jobs: [Job], sink: any RowSink) {
        self.link = link
        self.jobs = jobs
        self.sink = sink
        self.settings = SessionSettings(settings)
        isBare = settings.way != .pooled
        outcomes = Array(repeating: nil, count: jobs.count)
    }

    /// Runs all jobs.
    mutating func run() {
        do throws(PostgresError) {
            for index in jobs.indices {
                if try runOne(index, mayRepeat: true) { _ = try runOne(index, mayRepeat: false) }
            }
        } catch {
            failure = error
        }
    }

    /// Runs a job.
    ///
    /// - Returns: whether it is to be run once more.
    private mutating func runOne(_ index: Int, mayRepeat: Bool) throws(PostgresError) -> Bool {
        let job = jobs[index]
        // The transaction that it is in says already that it only reads.
        let isUndone = !isBare && job.confinement == .undone
        let begin =
            isBare
            ? []
            : settings.begin(
                version: link.version, encoding: link.isRaw ? "SQL_ASCII" : nil, searchPath: job.searchPath)
                + (isUndone ? Array(job.confinement.opening.dropFirst()) : [])
        let closing = isBare ? [] : job.confinement.closing
        let end = closing.isEmpty ? ["COMMIT"] : closing
        let prefix = begin.map { $0 + "; " }.joined()
        var running = RunningJob(link, timeout: job.timeout, collector: job.collector)
        var outcome = Outcome()
        do throws(PostgresError) {
            // The line feed ends a comment.
            let sql = isBare ? job.sql : "\(prefix)\(job.sql)\n; \(end.joined(separator: "; "))"
            guard link.sendSimple(sql) else { throw running.lost(link.message) }
            try read(job, &running, after: begin.count, before: isBare ? 1 : end.count, into: &outcome)
            if running.isInterrupted, link.isInTransaction { throw running.ended }
            try rollBack(closing)
        } catch {
            outcome.error = outcome.error ?? error
            finish(&outcome, running)
            outcomes[index] = outcome
            throw error
        }
        if let position = outcome.error?.position {
            outcome.error?.position = position > prefix.utf8.count ? position - prefix.utf8.count : nil
        }
        let isStray =
            outcome.error?.sqlstate == "57014" && !running.isCancelled
            && (isPreviousCancelled || link.cancel?.mayHaveHit(after: running.start) == true)
        let isUnreadable = !link.isRaw && ["22021", "22P05"].contains(outcome.error?.sqlstate)
        if isUnreadable { link.isRaw = true }
        running.explain(&outcome.error)
        finish(&outcome, running)
        outcomes[index] = outcome
        isPreviousCancelled = running.isCancelled
        if running.isInterrupted, index < jobs.count - 1 { throw running.ended }
        return mayRepeat && (isStray || isUnreadable)
    }

    private func finish(_ outcome: inout Outcome, _ running: RunningJob) {
        let end = ContinuousClock.now
        outcome.duration = end - running.start
        outcome.end = end
    }

    private func read(
        _ job: Job, _ running: inout RunningJob, after count: Int, before rest: Int, into outcome: inout Outcome
    ) throws(PostgresError) {
        var replies = 0
        while let reply = try running.reply() {
            switch reply.kind {
            case .rows where replies == count:
                (outcome.rows, outcome.bytes) = reply.deliver(to: sink, step: job.step)
            case .error:
                if outcome.error == nil { outcome.error = reply.error(collector: job.collector) }
                if link.isBad { throw running.lost(link.message) }
            case .copy:
                throw PostgresError(.other, message: "COPY cannot be run", collector: job.collector)
            default:
                break
            }
            replies += 1
        }
        if link.isBad { throw running.lost(link.message) }
        // BEGIN and the settings, the statement, what ends the transaction.
        if outcome.error == nil, replies > count + 1 + rest {
            outcome.error = PostgresError(.other, message: "more than one statement", collector: job.collector)
        }
    }

    /// Ends a transaction that an error has left open, and what the statement may have left beside it.
    private func rollBack(_ closing: [String]) throws(PostgresError) {
        guard link.isInTransaction else { return }
        var running = RunningJob(link, timeout: .seconds(2), collector: nil)
        let end = ["ROLLBACK"] + closing.suffix(1)
        guard link.sendSimple(end.joined(separator: "; ")) else { throw running.lost(link.message) }
        while try running.reply() != nil {}
        if link.isInTransaction { throw PostgresError(.other, message: "the transaction could not be rolled back") }
    }
}
