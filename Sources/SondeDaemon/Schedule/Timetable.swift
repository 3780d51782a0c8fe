import Sonde

/// Decides what is due, what is late and what backs off.
///
/// A value: it has no clock and does nothing by itself.
struct Timetable: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// The session that runs a collector.
    enum Lane: Sendable, Hashable, CaseIterable {
        /// Light and medium collectors that run once per server.
        case fast
        /// Heavy collectors, and all that run per database.
        case slow
    }

    /// How a run ended.
    enum Ending: Sendable, Hashable {
        case succeeded
        case failed
        /// Its time limit, or that for a lock, passed.
        case timedOut
        /// Worth another try at once: what was wrong is known and left out the next time.
        case replanned
        /// It never began, since the server could not be reached; not the collector's failure.
        case notRun

        /// This, and how the run in another database ended: one that failed, or was not run, in some of them has failed.
        func with(_ other: Ending) -> Ending {
            if self == other { return self }
            if self == .timedOut || other == .timedOut { return .timedOut }
            let isWorse = [self, other].contains { $0 == .failed || $0 == .notRun }
            return isWorse ? .failed : .replanned
        }
    }

    /// One collector's place in the timetable.
    struct Entry: Sendable, Hashable {
        let lane: Lane
        let timing: Timing
        /// Whether it starts when it is asked for, and not by the clock.
        let isOnRequest: Bool
        /// When it is to start next; nil where nobody has asked for it.
        fileprivate(set) var due: Instant?
        /// When its last run ended.
        fileprivate var ended: Instant?
        fileprivate(set) var isRunning = false
        /// Failures since the last success.
        fileprivate(set) var failures = 0
        /// Runs that passed their time limit, one after the other.
        fileprivate var timeouts = 0
        /// Whether it has passed its time limit so often that it is only probed, until a probe succeeds.
        var isBreakerOpen: Bool { timeouts >= Timetable.patience }
        /// Starts that were left out because the one before had not ended.
        fileprivate(set) var skipped = 0
        /// Whether it waits for the server, which is nobody's skipped start.
        fileprivate var isPostponed = false
        /// When it will have waited for long enough after failing; nil unless it waits longer than its interval.
        fileprivate(set) var backOff: Instant?
    }

    /// For so long after a run's end a request is answered by what that run gave: requests can come in any number.
    static let shortestPause = Duration.seconds(1)
    /// The longest that a failing collector waits, unless its own interval is longer.
    static let longestBackOff = Duration.seconds(600)
    /// The runs past their time limit after which a collector is only probed.
    static let patience = 3
    /// The longest wait from one probe to the next, in intervals: each costs the server the whole time limit.
    static let longestProbe = 4

    private(set) var entries: [Entry] = []

    /// Adds a collector, due at once.
    mutating func add(_ lane: Lane, _ timing: Timing, onRequest isOnRequest: Bool = false, at now: Instant) {
        entries.append(Entry(lane: lane, timing: timing, isOnRequest: isOnRequest, due: now))
    }

    /// Puts an entry of an earlier timetable in the place of one that starts in the same way, so that it goes on as it was.
    ///
    /// - Returns: whether the two start in the same way.
    mutating func carry(_ entry: Entry, to index: Int) -> Bool {
        let own = entries[index]
        guard (own.lane, own.timing, own.isOnRequest) == (entry.lane, entry.timing, entry.isOnRequest) else {
            return false
        }
        entries[index] = entry
        return true
    }

    /// Asks for the entries that start on request.
    ///
    /// - Returns: those that will run now, or are running; not those that have just run, or back off.
    mutating func request(at now: Instant) -> Set<Int> {
        var expected: Set<Int> = []
        for index in entries.indices where entries[index].isOnRequest {
            let entry = entries[index]
            let isFresh = entry.ended.map { now - $0 < Self.shortestPause } ?? false
            let isBackingOff = entry.backOff.map { now < $0 } ?? false
            guard entry.isRunning || !(isFresh || isBackingOff) else { continue }
            if !entry.isRunning { entries[index].due = entry.due ?? now }
            expected.insert(index)
        }
        return expected
    }

    /// Starts whatever is due in a lane.
    ///
    /// A start that was missed because the run before took too long is left out and counted, never made up for.
    ///
    /// - Returns: the indices of the entries that are running now.
    mutating func start(_ lane: Lane, at now: Instant) -> [Int] {
        var started: [Int] = []
        for index in entries.indices where entries[index].lane == lane {
            let entry = entries[index]
            guard let due = entry.due, due <= now else { continue }
            if entry.isOnRequest {
                entries[index].due = nil
                entries[index].isRunning = true
                started.append(index)
                continue
            }
            let passed = Int((now - due) / entry.timing.every)
            entries[index].due = due + entry.timing.every * (passed + 1)
            let missed = entry.isPostponed ? 0 : passed
            entries[index].isPostponed = false
            if entry.isRunning {
                entries[index].skipped += missed + 1
            } else {
                entries[index].skipped += missed
                entries[index].isRunning = true
                started.append(index)
            }
        }
        return started
    }

    /// Ends a run.
    ///
    /// - Parameters:
    ///   - index: the entry.
    ///   - ending: how it ended.
    ///   - now: when.
    ///   - random: between 0 and 1; spreads retries so that collectors that failed together do not return together.
    mutating func end(_ index: Int, _ ending: Ending, at now: Instant, random: Double = 0.5) {
        entries[index].isRunning = false
        entries[index].ended = now
        switch ending {
        case .succeeded:
            entries[index].failures = 0
            entries[index].timeouts = 0
            entries[index].backOff = nil
        case .replanned:
            entries[index].due = now
        case .notRun:
            // Whoever asked has the last numbers by now, and the next one will ask again.
            entries[index].due = entries[index].isOnRequest ? nil : now
            entries[index].isPostponed = true
        case .failed, .timedOut:
            entries[index].failures += 1
            if ending == .timedOut {
                entries[index].timeouts += 1
            } else if !entries[index].isBreakerOpen {
                entries[index].timeouts = 0
            }
            let failures = entries[index].failures
            guard failures > 1 else { return }
            let every = entries[index].timing.every
            let doubled = every * (1 << min(failures - 1, 10))
            let longest = entries[index].isBreakerOpen ? every * Self.longestProbe : every
            let wait = min(doubled, max(longest, Self.longestBackOff))
            let retry = max(entries[index].due ?? now, now + wait * (0.8 + 0.4 * random))
            if !entries[index].isOnRequest { entries[index].due = retry }
            entries[index].backOff = retry
        }
    }

    /// Puts a start off: what it is for has just been done by others.
    mutating func postpone(_ index: Int, until instant: Instant) {
        entries[index].due = entries[index].due.map { max($0, instant) }
    }

    /// Makes everything due at once: the facts that the last plans rested on have changed.
    mutating func hurry(at now: Instant) {
        for index in entries.indices where !entries[index].isRunning {
            entries[index].due = entries[index].due.map { min($0, now) }
        }
    }

    /// When something in a lane is due next; nil for an empty lane.
    func next(_ lane: Lane) -> Instant? {
        entries.filter { $0.lane == lane && !$0.isRunning }.compactMap(\.due).min()
    }
}
