import Logging
import ServiceLifecycle
import Sonde
import Synchronization

/// Polls one server until the daemon ends: one session for what is cheap, one for what is not.
final class Poller: Service {
    private struct Shared {
        var timetable = Timetable()
        var backOff = BackOff()
        /// The timetable's entries, as collectors.
        var collectors: [Int] = []
    }

    private let target: Target
    private let shared = Mutex(Shared())

    init(_ target: Target) {
        self.target = target
        shared.withLock { shared in
            for index in target.registry.entries.indices where target.enabled.contains(index) {
                shared.timetable.add(target.lane(of: index), target.timings[index], at: .now)
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

    /// Runs every collector once, for `pgsonde once`.
    func runOnce() async {
        for lane in Timetable.Lane.allCases {
            let visitor = Visitor(target, lane: lane)
            // What a server refuses is left out the next time, which is now.
            for _ in 0..<3 { if await !poll(lane, visitor) { break } }
            await visitor.leave()
        }
    }

    private func `repeat`(_ lane: Timetable.Lane, _ visitor: Visitor) async {
        while await sleep(until: next([lane])) { _ = await poll(lane, visitor) }
        await visitor.leave()
    }

    /// One connection for all: whoever is due first, and the other leaves before.
    private func takeTurns(_ lanes: [(Timetable.Lane, Visitor)]) async {
        var last: Timetable.Lane?
        while await sleep(until: next(lanes.map(\.0))) {
            for (lane, visitor) in lanes {
                guard let due = next([lane]), due <= .now else { continue }
                if last != lane { for (other, idle) in lanes where other != lane { await idle.leave() } }
                last = lane
                _ = await poll(lane, visitor)
            }
        }
        for (_, visitor) in lanes { await visitor.leave() }
    }

    /// Runs what is due in a lane.
    ///
    /// - Returns: whether there was anything.
    private func poll(_ lane: Timetable.Lane, _ visitor: Visitor) async -> Bool {
        let due = shared.withLock { shared in
            shared.timetable.start(lane, at: .now).map { (entry: $0, collector: shared.collectors[$0]) }
        }
        guard !due.isEmpty else { return false }
        let visit = await visitor.visit(due.map(\.collector))
        shared.withLock { shared in
            if visit.isReached {
                shared.backOff.succeed()
            } else {
                shared.backOff.fail(at: .now, random: .random(in: 0...1))
            }
            for (entry, collector) in due {
                let ending = visit.endings[collector] ?? .notRun
                shared.timetable.end(entry, ending, at: .now, random: .random(in: 0...1))
                guard let report = visit.reports[collector] else { continue }
                let isNews = target.watch.note(
                    report, of: collector, skipped: shared.timetable.entries[entry].skipped, time: WallClock.now())
                if isNews { log(report, of: collector) }
            }
            if visit.hasNewFacts { shared.timetable.hurry(at: .now) }
        }
        return true
    }

    private func log(_ report: Watch.Report, of collector: Int) {
        let name = target.registry.entries[collector].collector.name
        var metadata: Logger.Metadata = ["server": "\(target.server.name)"]
        metadata["collector"] = "\(name)"
        switch report.state {
        case .failed: target.logger.warning("collector failed: \(report.detail)", metadata: metadata)
        case .unavailable: target.logger.notice("collector unavailable: \(report.detail)", metadata: metadata)
        default: target.logger.debug("collector \(report.state.rawValue)", metadata: metadata)
        }
    }

    /// When a lane may do something next; nil if there is nothing to do ever.
    private func next(_ lanes: [Timetable.Lane]) -> ContinuousClock.Instant? {
        shared.withLock { shared in
            lanes.compactMap { shared.timetable.next($0) }.min().map { max($0, shared.backOff.until ?? $0) }
        }
    }

    /// - Returns: whether to go on; false once the daemon ends.
    private func sleep(until instant: ContinuousClock.Instant?) async -> Bool {
        do {
            if let instant {
                try await Task.sleep(until: instant, clock: .continuous)
            } else {
                try await Task.sleep(for: .seconds(3_600))
            }
            return true
        } catch {
            return false
        }
    }
}
