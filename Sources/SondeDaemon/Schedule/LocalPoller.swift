import Logging
import NIOCore
import Sonde
import SondePostgres
import Synchronization

/// Polls what asks no server: each collector by itself, so that one that is slow or hangs costs only itself.
final class LocalPoller: Sendable {
    private struct Shared {
        var timetable = Timetable()
        /// What remembers the poll before, collector by collector; absent while it runs.
        var probes: [Int: any Probe] = [:]
        /// What the log has said of each collector.
        var paces: [Int: LogPace] = [:]
        var isOver = false
    }

    /// What came of a run.
    private struct Run: Sendable {
        let probe: any Probe
        var yield = BatchSink.Yield()
        var error: (any Error)?
        /// Whether it was cancelled before it ended.
        var isLate = false
    }

    private let registry: Registry
    private let timings: [Timing]
    /// The timetable's entries, as collectors.
    private let collectors: [Int]
    private let store: Store
    private let reports: Reports
    private let shared = Mutex(Shared())
    private let alarm = Alarm()
    private let pulse = Pulse()

    /// Makes a poller; everything is due at once.
    ///
    /// - Parameters:
    ///   - collectors: those that ask no server, by their places in the registry.
    ///   - registry: all collectors.
    ///   - timings: the times in force, collector by collector.
    ///   - store: where the numbers go.
    ///   - watch: where it is noted how the collectors stand.
    ///   - logger: what hears of failures.
    init(
        _ collectors: [Int], _ registry: Registry, timings: [Timing], store: Store, watch: Watch, logger: Logger
    ) {
        self.registry = registry
        self.timings = timings
        self.collectors = collectors
        self.store = store
        reports = Reports(registry: registry, watch: watch, logger: logger)
        let now = ContinuousClock.now
        shared.withLock { shared in
            for collector in collectors { shared.timetable.add(.fast, timings[collector], at: now) }
        }
    }

    /// Polls until the task is cancelled, or ``end()`` is called.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled, !isOver {
                for entry in start() { group.addTask { await self.poll(entry) } }
                guard await alarm.wait(until: next) else { break }
            }
            group.cancelAll()
        }
    }

    /// Whether it does not go on though something is due; that a collector takes long is no reason.
    func stalls(at now: ContinuousClock.Instant) -> Bool { pulse.hangs(at: now, due: next) }

    /// Ends it, and what it runs.
    func end() {
        shared.withLock { $0.isOver = true }
        alarm.ring()
    }

    private var isOver: Bool { shared.withLock { $0.isOver } }

    /// Runs every collector once, for `pgsonde once`.
    func runOnce() async {
        await withDiscardingTaskGroup { group in
            for entry in start() { group.addTask { await self.poll(entry) } }
        }
    }

    private var next: ContinuousClock.Instant? { shared.withLock { $0.timetable.next(.fast) } }

    /// When what does not run now is to run next, collector by collector.
    func plannedRuns() -> [Int: ContinuousClock.Instant] {
        shared.withLock { shared in
            zip(shared.timetable.entries, collectors).reduce(into: [:]) { planned, run in
                if !run.0.isRunning { planned[run.1] = run.0.due }
            }
        }
    }

    private func start() -> [Int] {
        shared.withLock { $0.timetable.start(.fast, at: .now) }
    }

    private func poll(_ entry: Int) async {
        let index = collectors[entry]
        guard let collector = registry.entries[index].collector as? any LocalCollector else { return }
        let timing = timings[index]
        let probe = shared.withLock { $0.probes.removeValue(forKey: entry) } ?? collector.makeProbe(for: timing)
        let start = ContinuousClock.now
        let run = await Guest.run(within: timing.timeout) {
            await Self.run(collector, probe)
        } late: {
            // What it remembers is out of date: it begins anew.
            self.end(entry, .timedOut)
        }
        // Whoever did not wait for the end has nothing to learn from it.
        if Task.isCancelled { return }
        var report = Watch.Report()
        report.duration = .now - start
        guard let run else {
            report.fail(.timeout, "no end within \(DurationText.text(timing.timeout)), and it still runs")
            return note(report, entry)
        }
        report.counts = run.yield.counts
        report.bytes = run.yield.bytes
        if let error = run.error {
            let isLate = run.isLate
            let text = PostgresError(.other, message: "\(error)").message
            report.fail(
                isLate ? .timeout : .other, isLate ? "no end within \(DurationText.text(timing.timeout))" : text)
        } else {
            let source = Store.Source(server: Store.Source.local, collector: index, database: "")
            store.publish(run.yield.texts, late: run.yield.more, from: source, expires: .now + timing.expire)
        }
        shared.withLock { $0.probes[entry] = run.probe }
        end(entry, report.state == .ok ? .succeeded : run.isLate ? .timedOut : .failed)
        note(report, entry)
    }

    private static func run(_ collector: any LocalCollector, _ probe: any Probe) async -> Run {
        var samples = Samples(metrics: collector.metrics)
        var probe = probe
        do {
            try await probe.read(into: &samples)
            return Run(probe: probe, yield: BatchSink.Yield(samples, of: collector))
        } catch {
            return Run(probe: probe, error: error, isLate: Task.isCancelled)
        }
    }

    private func end(_ entry: Int, _ ending: Timetable.Ending) {
        shared.withLock { $0.timetable.end(entry, ending, at: .now, random: .random(in: 0...1)) }
        alarm.ring()
    }

    private func note(_ report: Watch.Report, _ entry: Int) {
        shared.withLock {
            reports.note(
                report, of: collectors[entry], $0.timetable.entries[entry], &$0.paces[entry, default: LogPace()])
        }
    }
}
