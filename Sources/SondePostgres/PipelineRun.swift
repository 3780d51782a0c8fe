import Sonde

/// Runs jobs in one pipeline with a sync after each, so that they cost one round trip and an error stays in its job.
struct PipelineRun {
    /// What stands between two syncs.
    private enum Group {
        case job(Int)
        /// A statement of ours, whose failure nobody needs to know.
        case housekeeping(String)
    }

    private let link: Link
    private let jobs: [Job]
    private let sink: any RowSink
    /// What became of each job; nil for those that were not run.
    private(set) var outcomes: [Outcome?]
    /// What made the session useless.
    private(set) var failure: PostgresError?

    private var again: [Int] = []
    private var before: [String] = []
    private var isSecondRound = false
    private var previousEnd = ContinuousClock.now
    private var isPreviousCancelled = false
    /// When what runs is to have ended, since we were interrupted.
    private var leaving: ContinuousClock.Instant?

    init(_ link: Link, jobs: [Job], sink: any RowSink) {
        self.link = link
        self.jobs = jobs
        self.sink = sink
        outcomes = Array(repeating: nil, count: jobs.count)
    }

    /// Runs all jobs, and those once more that failed for a reason that is not theirs.
    mutating func run() {
        var round = Array(jobs.indices)
        while !round.isEmpty {
            let groups =
                before.map { Group.housekeeping($0) }
                + round.flatMap { index in
                    [Group.job(index)] + jobs[index].confinement.closing.map { Group.housekeeping($0) }
                }
            let last = groups.lastIndex { if case .job = $0 { true } else { false } } ?? 0
            (again, before) = ([], [])
            do throws(PostgresError) {
                guard groups.allSatisfy({ send($0) }) else { throw PostgresError(.network, message: link.message) }
                for (index, group) in groups.enumerated() { try receive(group, isLast: index >= last) }
                if link.isInOpenTransaction, jobs.contains(where: { $0.confinement != .session }) {
                    throw PostgresError(.other, message: "the transaction of a statement could not be ended")
                }
            } catch {
                failure = error
                return
            }
            if leaving != nil, !again.isEmpty {
                failure = PostgresError(.other, message: "interrupted")
                return
            }
            round = again
            isSecondRound = true
        }
    }

    // MARK: - Sending

    private func send(_ group: Group) -> Bool {
        switch group {
        case .housekeeping(let sql):
            return link.send(sql) && link.sendSync()
        case .job(let index):
            let job = jobs[index]
            guard job.confinement.opening.allSatisfy({ link.send($0) }) else { return false }
            // Local to the implicit transaction that the sync ends.
            if let path = job.searchPath, !link.send(SearchPath.setting(path)) { return false }
            if job.isDescription {
                return link.sendPrepare("", job.sql) && link.sendDescribe("") && link.sendSync()
            }
            switch job.prepared ? link.statements.way(for: job.sql) : .once {
            case .once: return link.send(job.sql) && link.sendSync()
            case .prepare(let name): return link.sendPrepare(name, job.sql) && link.sendExecute(name) && link.sendSync()
            case .execute(let name): return link.sendExecute(name) && link.sendSync()
            }
        }
    }

    // MARK: - Receiving

    private mutating func receive(_ group: Group, isLast: Bool) throws(PostgresError) {
        var index: Int?
        if case .job(let job) = group { index = job }
        let job = index.map { jobs[$0] }
        var outcome = Outcome()
        var running = RunningJob(
            link, timeout: job?.timeout ?? .seconds(2), collector: job?.collector, start: previousEnd,
            leaving: leaving)
        do throws(PostgresError) {
            try read(job, &running, into: &outcome)
        } catch {
            // The server's last words say more than libpq's.
            outcome.error = outcome.error ?? error
            if outcome.error?.sqlstate != nil, error.errorClass == .network { outcome.error?.errorClass = .network }
            finish(&outcome, running)
            if let index { outcomes[index] = outcome }
            throw outcome.error ?? error
        }
        running.explain(&outcome.error)
        finish(&outcome, running)
        if let index, outcome.error == nil, jobs[index].prepared { link.statements.succeed(jobs[index].sql) }
        if let index, !goesAgain(index, outcome.error, running) { outcomes[index] = outcome }
        isPreviousCancelled = running.isCancelled
        leaving = running.leaving
        // All has been sent: what is short comes to its end, and leaves no trace in the server's log.
        if running.isInterrupted, running.isCancelled, !isLast { throw running.ended }
    }

    private mutating func finish(_ outcome: inout Outcome, _ running: RunningJob) {
        previousEnd = .now
        outcome.duration = previousEnd - running.start
        outcome.end = previousEnd
    }

    /// Reads the replies of a group up to its sync.
    private func read(
        _ job: Job?, _ running: inout RunningJob, into outcome: inout Outcome
    ) throws(PostgresError) {
        var gaps = 0
        var isPathSet = job?.searchPath == nil
        while true {
            guard let reply = try running.reply() else {
                gaps += 1
                // One after each statement; more without an end means that the two sides no longer agree on what comes.
                if link.isBad || gaps > 4 { throw running.lost(link.message) }
                continue
            }
            gaps = 0
            switch reply.kind {
            case .sync:
                return
            case .rows where !isPathSet:
                isPathSet = true
            case .rows:
                if let job { (outcome.rows, outcome.bytes) = reply.deliver(to: sink, step: job.step) }
            case .description:
                if let job { _ = reply.deliver(to: sink, step: job.step) }
            case .error:
                if outcome.error == nil { outcome.error = reply.error(collector: job?.collector) }
                if link.isBad { throw running.lost(link.message) }
            case .copy:
                throw PostgresError(.other, message: "COPY cannot be run", collector: job?.collector)
            case .done, .aborted:
                break
            }
        }
    }

    // MARK: - Once more

    /// Whether a job is to be run once more, which is arranged here.
    private mutating func goesAgain(_ index: Int, _ error: PostgresError?, _ running: RunningJob) -> Bool {
        guard let sqlstate = error?.sqlstate else { return false }
        let sql = jobs[index].sql
        defer { if jobs[index].prepared { link.statements.fail(sql) } }
        switch sqlstate {
        case "57014" where !running.isCancelled:
            // A cancel request that came too late for the job before, or for one of the run before, hit this one.
            guard isPreviousCancelled || link.cancel?.mayHaveHit(after: running.start) == true else { return false }
        case "0A000":
            // "cached plan must not change result type"
            guard let name = forget(index) else { return false }
            before.append("DEALLOCATE \(name)")
        case "26000", "42P05":
            // Somebody in between hands us from one server process to another.
            guard forget(index) != nil else { return false }
            link.statements.isOff = true
        case "22021", "22P05":
            guard !link.isRaw else { return false }
            if !isSecondRound {
                link.isRaw = true
                before.append("SELECT pg_catalog.set_config('client_encoding', 'SQL_ASCII', false)")
            }
        default:
            return false
        }
        guard !isSecondRound else { return false }
        again.append(index)
        return true
    }

    private mutating func forget(_ index: Int) -> String? {
        jobs[index].prepared ? link.statements.forget(jobs[index].sql) : nil
    }
}
