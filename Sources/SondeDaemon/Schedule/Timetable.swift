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
        /// Worth another try at once: what was wrong is known and left out the next time.
        case replanned
        /// It never began, since the server could not be reached; not the collector's failure.
        case notRun

        /// This, and how the run in another database ended: one that failed, or was not run, in some of them has failed.
        func with(_ other: Ending) -> Ending {
            if self == other { return self }
            let isWorse = [self, other].contains { $0 == .failed || $0 == .notRun }
            return isWorse ? .failed : .replanned
        }
    }

    /// One collector's place in the timetable.
    struct Entry: Sendable, Hashable {
        let lane: Lane
        let timing: Timing
        /// When it is to start next.
        fileprivate(set) var due: Instant
        fileprivate(set) var isRunning = false
        /// Failures since the last success.
        fileprivate(set) var failures = 0
        /// Starts that were left out because the one before had not ended.
        fileprivate(set) var skipped = 0
        /// Whether it waits for the server, which is nobody's skipped start.
        fileprivate var isPostponed = false
        /// When it will have waited for long enough after failing; nil unless it waits longer than its interval.
        fileprivate(set) var backOff: Instant?
    }

    /// The longest that a failing collector waits, unless its own interval is longer.
    static let longestBackOff = Duration.seconds(600)

    private(set) var entries: [Entry] = []

    /// Adds a collector, due at once.
    mutating func add(_ lane: Lane, _ timing: Timing, at now: Instant) {
        entries.append(Entry(lane: lane, timing: timing, due: now))
    }

    /// Starts whatever is due in a lane.
    ///
    /// A start that was missed because the run before took too long is left out and counted, never made up for.
    ///
    /// - Returns: the indices of the entries that are running now.
    mutating func start(_ lane: Lane, at now: Instant) -> [Int] {
        var started: [Int] = []
        for index in entries.indices where entries[index].lane == lane && entries[index].due <= now {
            let entry = entries[index]
            let passed = Int((now - entry.due) / entry.timing.every)
            entries[index].due = entry.due + entry.timing.every * (passed + 1)
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
        switch ending {
        case .succeeded:
            entries[index].failures = 0
            entries[index].backOff = nil
        case .replanned:
            entries[index].due = now
        case .notRun:
            entries[index].due = now
            entries[index].isPostponed = true
        case .failed:
            entries[index].failures += 1
            let failures = entries[index].failures
            guard failures > 1 else { return }
            let every = entries[index].timing.every
            let doubled = every * (1 << min(failures - 1, 10))
            let wait = min(doubled, max(every, Self.longestBackOff))
            entries[index].due = max(entries[index].due, now + wait * (0.8 + 0.4 * random))
            entries[index].backOff = entries[index].due
        }
    }

    /// Puts a start off: what it is for has just been done by others.
    mutating func postpone(_ index: Int, until instant: Instant) {
        entries[index].due = max(entries[index].due, instant)
    }

    /// Makes everything due at once: the facts that the last plans rested on have changed.
    mutating func hurry(at now: Instant) {
        for index in entries.indices where !entries[index].isRunning {
            entries[index].due = min(entries[index].due, now)
        }
    }

    /// When something in a lane is due next; nil for an empty lane.
    func next(_ lane: Lane) -> Instant? {
        entries.filter { $0.lane == lane && !$0.isRunning }.map(\.due).min()
    }
}
