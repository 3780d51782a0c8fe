import CGlibc
import Sonde
import Synchronization

/// Polls one server until the daemon ends: one session for what is cheap, one for what is not.
final class Poller: Sendable {
    /// A run that has begun.
    private struct Run {
        /// The timetable's entry; nil where there is none for it any more.
        let entry: Int?
        /// The collector as the visit knows it; nil for the look whether the server is there.
        let collector: Int?
    }

    private struct Shared {
        var target: Target
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
        var running: [Timetable.Lane: [Run]] = [:]

        /// A timetable of all that a target runs.
        init(_ target: Target) {
            self.target = target
            // Whether the server is there is asked however seldom collectors run, and if all of them fail.
            // One moment for all, so that what is read together is due together.
            let now = ContinuousClock.now
            timetable.add(.fast, Timing(every: target.heartbeat, timeout: Batch.factsTimeout), at: now)
            collectors.append(nil)
            for index in target.registry.entries.indices where target.enabled.contains(index) {
                timetable.add(
                    target.lane(of: index), target.timings[index], onRequest: target.onScrape.contains(index), at: now)
                collectors.append(index)
            }
        }
        /// What the log has said of each collector.
        var paces: [Int: LogPace] = [:]
    }

    /// The bytes of text from which on a visit was a large one.
    private static let large = 4 << 20

    private let shared: Mutex<Shared>
    private let alarms = [Timetable.Lane.fast: Alarm(), .slow: Alarm()]
    /// One for both where they take turns.
    private let pulses: [Timetable.Lane: Pulse]
    private let ends: AsyncStream<Never>
    private let finish: AsyncStream<Never>.Continuation

    /// Makes a poller; everything is due at once.
    ///
    /// - Parameters:
    ///   - target: the server, and how it is polled.
    ///   - slack: how late it may be before it counts as hanging.
    init(_ target: Target, slack: Duration = Pulse.usualSlack) {
        shared = Mutex(Shared(target))
        let pulse = Pulse(slack: slack)
        pulses = [.fast: pulse, .slow: target.server.connections < 2 ? pulse : Pulse(slack: slack)]
        (ends, finish) = AsyncStream.makeStream()
    }

    /// The server, and the configuration in force.
    var target: Target { shared.withLock { $0.target } }

    /// Goes on for another configuration in which the server is the same.
    ///
    /// What is the same in it goes on as it was, and what is not is due at once. A visit under way comes to its end.
    func adopt(_ target: Target) {
        shared.withLock { shared in
            var next = Shared(target)
            let moves = shared.target.moves(to: target)
            var places: [Int: Int] = [:]
            for (old, collector) in shared.collectors.enumerated() {
                let new = collector.map { moves[$0].flatMap { next.collectors.firstIndex(of: $0) } } ?? 0
                guard let new, next.timetable.carry(shared.timetable.entries[old], to: new) else { continue }
                places[old] = new
            }
            next.running = shared.running.mapValues { runs in
                runs.map { Run(entry: $0.entry.flatMap { places[$0] }, collector: $0.collector) }
            }
            for (old, new) in moves { next.paces[new] = shared.paces[old] }
            next.backOffs = shared.backOffs
            next.isReached = shared.isReached
            next.hurried = shared.hurried
            next.nextNumber = shared.nextNumber
            // Whoever waits gets the numbers that there are.
            for wait in shared.waiting.values { wait.end.finish() }
            shared = next
        }
        for alarm in alarms.values { alarm.ring() }
    }

    /// What of it does not go on though it should, in words; nil where all does.
    ///
    /// A server that does not answer is no reason: whatever it does, each step has its end.
    func stall(at now: ContinuousClock.Instant) -> String? {
        let lane = Timetable.Lane.allCases.first { pulses[$0]?.hangs(at: now, due: next($0)) ?? false }
        return lane.map { "the polling of \(target.server.name) hangs in its \($0) lane" }
    }

    /// Has ``run()`` end.
    func end() {
        finish.finish()
    }

    /// Polls until it is cancelled, or is to end.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await self.work() }
            group.addTask { [ends] in for await _ in ends {} }
            await group.next()
            group.cancelAll()
        }
    }

    private func work() async {
        let target = target
        let lanes = Timetable.Lane.allCases.map { ($0, visitor(for: target, $0)) }
        if target.server.connections < lanes.count {
            await takeTurns(lanes)
        } else {
            await withTaskGroup { group in
                for (lane, visitor) in lanes {
                    group.addTask { await self.repeat(lane, visitor) }
                }
            }
        }
    }

    private func visitor(for target: Target, _ lane: Timetable.Lane) -> Visitor {
        Visitor(target, lane: lane, pulse: pulses[lane] ?? Pulse())
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
            let visitor = visitor(for: target, lane)
            // What a server refuses is left out the next time, which is now.
            for _ in 0..<3 where next(lane).map({ $0 <= .now }) ?? false { await poll(lane, visitor) }
            await visitor.leave()
        }
    }

    /// When each collector runs next: nil where it waits to be asked, or runs now.
    func plannedRuns() -> [Int: ContinuousClock.Instant] {
        shared.withLock { shared in
            var planned: [Int: ContinuousClock.Instant] = [:]
            for (entry, collector) in zip(shared.timetable.entries, shared.collectors) {
                guard let collector, let due = entry.due, !entry.isRunning else { continue }
                planned[collector] = max(due, shared.backOffs[entry.lane]?.until ?? due)
            }
            return planned
        }
    }

    private func `repeat`(_ lane: Timetable.Lane, _ visitor: Visitor) async {
        while !Task.isCancelled {
            // At once, and not at its next visit: what it holds of the configuration before would stay for as long.
            await visitor.follow(target)
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
                await visitor.follow(target)
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
        let (target, collectors) = shared.withLock { shared in
            let runs = shared.timetable.start(lane, at: .now).map { Run(entry: $0, collector: shared.collectors[$0]) }
            shared.running[lane] = runs
            return (shared.target, runs.compactMap(\.collector))
        }
        let start = ContinuousClock.now
        pulses[lane]?.work()
        defer { pulses[lane]?.rest() }
        let visit = await visitor.visit(collectors, for: target)
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
            let runs = shared.running.removeValue(forKey: lane) ?? []
            for run in runs {
                let ending =
                    run.collector.map { visit.endings[$0] ?? .notRun } ?? (visit.isReached ? .succeeded : .notRun)
                if ending == .notRun { isWhole = false }
                guard let entry = run.entry else { continue }
                shared.timetable.end(entry, ending, at: now, random: .random(in: 0...1))
                // Its place may be another one by now.
                guard let asked = run.collector, let report = visit.reports[asked],
                    let collector = shared.collectors[entry]
                else { continue }
                shared.target.reports.note(
                    report, of: collector, shared.timetable.entries[entry], &shared.paces[collector, default: LogPace()]
                )
            }
            for (number, wait) in shared.waiting {
                let rest = wait.entries.subtracting(runs.compactMap(\.entry))
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
                if visit.isReached { shared.timetable.postpone(0, until: now + shared.target.heartbeat) }
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
        if let last = shared.hurried, now - last < shared.target.base { return }
        shared.hurried = now
        shared.timetable.hurry(at: now)
        for alarm in alarms.values { alarm.ring() }
    }

    /// Puts the next round over all databases off for as long as the logins of the last ones are worth.
    private func holdBack(_ shared: inout Shared, at now: ContinuousClock.Instant) {
        guard let next = shared.target.logins.next(at: now) else { return }
        for (entry, collector) in shared.collectors.enumerated() {
            guard let collector, shared.target.registry.entries[collector].collector.per == .database else { continue }
            shared.timetable.postpone(entry, until: next)
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
