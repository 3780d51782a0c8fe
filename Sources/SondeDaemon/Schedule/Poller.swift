import CGlibc
import Logging
import ServiceLifecycle
import Sonde
import Synchronization

/// Polls one server until the daemon ends: one session for what is cheap, one for what is not.
final class Poller: Service {
    private struct Shared {
        var timetable = Timetable()
        var backOffs: [Timetable.Lane: BackOff] = [:]
        /// The timetable's entries, as collectors; nil for the look whether the server is there.
        var collectors: [Int?] = []
        /// Whether the fast lane's last visit reached the server; until it did, the other does not try.
        var isReached = false
        /// When all was last made due at once.
        var hurried: ContinuousClock.Instant?
        /// Those who wait for entries to end, by a number of their own.
        var waiting: [Int: (entries: Set<Int>, end: AsyncStream<Never>.Continuation)] = [:]
        var nextNumber = 0
        /// What the log has said of each collector.
        var paces: [Int: LogPace] = [:]
    }

    /// The bytes of text from which on a visit was a large one.
    private static let large = 4 << 20

    private let target: Target
    private let shared = Mutex(Shared())
    private let alarms = [Timetable.Lane.fast: Alarm(), .slow: Alarm()]

    init(_ target: Target) {
        self.target = target
        shared.withLock { shared in
            // Whether the server is there is asked however seldom collectors run, and if all of them fail.
            // One moment for all, so that what is read together is due together.
            let now = ContinuousClock.now
            shared.timetable.add(.fast, Timing(every: target.heartbeat, timeout: Batch.factsTimeout), at: now)
            shared.collectors.append(nil)
            for index in target.registry.entries.indices where target.enabled.contains(index) {
                shared.timetable.add(
                    target.lane(of: index), target.timings[index], onRequest: target.onScrape.contains(index), at: now)
                shared.collectors.append(index)
            }
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            let lanes = Timetable.Lane.allCases.map { ($0, Visitor(self.target, lane: $0)) }
            if self.target.server.connections < lanes.count {
                await self.takeTurns(lanes)
            } else {
                await withTaskGroup { group in
                    for (lane, visitor) in lanes {
                        group.addTask { await self.repeat(lane, visitor) }
                    }
                }
            }
        }
    }

    /// The collectors that run when a scrape asks for them.
    var runsOnScrape: Set<Int> { target.onScrape }

    /// Runs what runs on a scrape, once for all who ask at the same time; a server that is down is not waited for.
    ///
    /// - Parameter deadline: when to go on with the numbers that there are.
    func refresh(until deadline: ContinuousClock.Instant) async {
        let (ends, end) = AsyncStream<Never>.makeStream()
        let number = shared.withLock { shared -> Int? in
            guard shared.isReached else { return nil }
            let expected = shared.timetable.request(at: .now)
            guard !expected.isEmpty else { return nil }
            shared.nextNumber += 1
            shared.waiting[shared.nextNumber] = (expected, end)
            return shared.nextNumber
        }
        guard let number else { return }
        alarms[.fast]?.ring()
        await withTaskGroup { group in
            group.addTask { for await _ in ends {} }
            group.addTask { try? await Task.sleep(until: deadline, clock: .continuous) }
            await group.next()
            group.cancelAll()
        }
        _ = shared.withLock { $0.waiting.removeValue(forKey: number) }
    }

    /// Runs every collector once, for `pgsonde once`.
    func runOnce() async {
        for lane in Timetable.Lane.allCases {
            let visitor = Visitor(target, lane: lane)
            // What a server refuses is left out the next time, which is now.
            for _ in 0..<3 where next(lane).map({ $0 <= .now }) ?? false { await poll(lane, visitor) }
            await visitor.leave()
        }
    }

    private func `repeat`(_ lane: Timetable.Lane, _ visitor: Visitor) async {
        while !Task.isCancelled {
            guard let due = next(lane), due <= .now else {
                // The one session that the server may have left belongs to the fast lane.
                if isBarred(lane) { await visitor.leave() }
                guard await alarms[lane]?.wait(until: next(lane)) ?? false else { break }
                continue
            }
            await poll(lane, visitor)
        }
        await visitor.leave()
    }

    /// One connection for all: whoever is due first, and the other leaves before.
    private func takeTurns(_ lanes: [(Timetable.Lane, Visitor)]) async {
        var last: Timetable.Lane?
        repeat {
            for (lane, visitor) in lanes {
                guard let due = next(lane), due <= .now, !Task.isCancelled else { continue }
                if last != lane { for (other, idle) in lanes where other != lane { await idle.leave() } }
                last = lane
                await poll(lane, visitor)
            }
        } while await alarms[.fast]?.wait(until: lanes.compactMap { next($0.0) }.min()) ?? false
        for (_, visitor) in lanes { await visitor.leave() }
    }

    /// Runs what is due in a lane.
    private func poll(_ lane: Timetable.Lane, _ visitor: Visitor) async {
        let due = shared.withLock { shared in
            shared.timetable.start(lane, at: .now).map { (entry: $0, collector: shared.collectors[$0]) }
        }
        let start = ContinuousClock.now
        let collectors = due.compactMap(\.collector)
        let visit = await visitor.visit(collectors)
        if lane == .fast, !collectors.isEmpty {
            let took = ContinuousClock.now - start
            target.watch.note {
                $0.polls += 1
                $0.lastPoll = took
            }
        }
        // A large result leaves the heap full of holes, which belong to the system until the next one.
        if visit.reports.values.reduce(0, { $0 + $1.bytes }) > Self.large { malloc_trim(0) }
        // Whoever did not wait for the visit's end has nothing to learn from it.
        if Task.isCancelled { return }
        let now = ContinuousClock.now
        shared.withLock { shared in
            var isWhole = visit.isReached
            for (entry, collector) in due {
                let ending = collector.map { visit.endings[$0] ?? .notRun } ?? (visit.isReached ? .succeeded : .notRun)
                if ending == .notRun { isWhole = false }
                shared.timetable.end(entry, ending, at: now, random: .random(in: 0...1))
                guard let collector, let report = visit.reports[collector] else { continue }
                note(
                    report, of: collector, shared.timetable.entries[entry], &shared.paces[collector, default: LogPace()]
                )
            }
            for (number, wait) in shared.waiting {
                let rest = wait.entries.subtracting(due.map(\.entry))
                shared.waiting[number]?.entries = rest
                if rest.isEmpty { wait.end.finish() }
            }
            // Also where the server was reached and yet something could not be run: else that would be tried without a pause.
            if isWhole {
                shared.backOffs[lane, default: BackOff()].succeed()
            } else {
                shared.backOffs[lane, default: BackOff()].fail(at: now, random: .random(in: 0...1))
            }
            if lane == .fast {
                if visit.isReached { shared.timetable.postpone(0, until: now + target.heartbeat) }
                if visit.isReached != shared.isReached { alarms[.slow]?.ring() }
                shared.isReached = visit.isReached
            }
            if visit.hasNewFacts { hurry(&shared, at: now) }
            holdBack(&shared, at: now)
        }
    }

    /// Makes everything due, since plans rest on facts that no longer hold.
    ///
    /// Not again and again: behind an address that leads to one server now and to another then, all facts are always new.
    private func hurry(_ shared: inout Shared, at now: ContinuousClock.Instant) {
        if let last = shared.hurried, now - last < target.base { return }
        shared.hurried = now
        shared.timetable.hurry(at: now)
        for alarm in alarms.values { alarm.ring() }
    }

    /// Puts the next round over all databases off for as long as the logins of the last ones are worth.
    private func holdBack(_ shared: inout Shared, at now: ContinuousClock.Instant) {
        guard let next = target.logins.next(at: now) else { return }
        for (entry, collector) in shared.collectors.enumerated() {
            guard let collector, target.registry.entries[collector].collector.per == .database else { continue }
            shared.timetable.postpone(entry, until: next)
        }
    }

    private func note(
        _ report: Watch.Report, of collector: Int, _ entry: Timetable.Entry, _ pace: inout LogPace
    ) {
        var report = report
        report.retry = entry.backOff
        if report.state == .failed, entry.isBreakerOpen { report.state = .breakerOpen }
        let before = target.watch.note(report, of: collector, skipped: entry.skipped, time: WallClock.now())
        let isOver = report.state == .ok && before?.isFailure == true
        var metadata: Logger.Metadata = ["server": "\(target.server.name)"]
        metadata["collector"] = "\(target.registry.entries[collector].collector.name)"
        guard report.state.isFailure || isOver || before != nil && report.state == .unavailable else {
            if before != nil { target.logger.debug("collector \(report.state.rawValue)", metadata: metadata) }
            return
        }
        guard let unsaid = pace.hear(isNews: before != nil, at: .now) else { return }
        if unsaid > 0 { metadata["repeated"] = "\(unsaid)" }
        switch report.state {
        case .failed: target.logger.warning("collector failed: \(report.detail)", metadata: metadata)
        case .breakerOpen:
            target.logger.warning(
                "collector keeps passing its time limit, so it is only probed: \(report.detail)", metadata: metadata)
        case .unavailable: target.logger.notice("collector unavailable: \(report.detail)", metadata: metadata)
        default: target.logger.notice("collector works again", metadata: metadata)
        }
    }

    /// Whether a lane waits until the other has reached the server.
    private func isBarred(_ lane: Timetable.Lane) -> Bool {
        lane == .slow && !shared.withLock { $0.isReached }
    }

    /// When a lane may do something next; nil if it has to wait for the other, or has nothing to do ever.
    private func next(_ lane: Timetable.Lane) -> ContinuousClock.Instant? {
        shared.withLock { shared in
            guard lane == .fast || shared.isReached, let due = shared.timetable.next(lane) else { return nil }
            return shared.backOffs[lane]?.until.map { max(due, $0) } ?? due
        }
    }
}
