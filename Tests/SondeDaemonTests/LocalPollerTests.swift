import Glibc
import Logging
import NIOCore
import Sonde
import Synchronization
import Testing

@testable import SondeDaemon

@Suite("Collectors that ask no server")
struct LocalPollerTests {
    /// Does what a closure says.
    private struct Local: LocalCollector {
        struct Reading: Probe {
            let body: @Sendable (inout Samples) async throws -> Void

            func read(into samples: inout Samples) async throws { try await body(&samples) }
        }

        let name: String
        let help = "H"
        var metrics: [Metric] { [Metric("pg_\(name)_x", help: "H")] }
        var timing = Timing(every: .milliseconds(50), timeout: .seconds(30))
        let body: @Sendable (inout Samples) async throws -> Void

        func makeProbe(for timing: Timing) -> any Probe { Reading(body: body) }
    }

    /// The times of what hangs.
    private static let short = Timing(every: .milliseconds(50), timeout: .milliseconds(200))

    private struct Refusal: Error, CustomStringConvertible {
        let description = "no\nreason"
    }

    private static let good = Local(name: "good") { $0.add(1, to: "pg_good_x") }

    @Test("one that throws, hangs, blocks its thread or emits what it did not declare costs only itself")
    func costs() async throws {
        let isOver = Mutex(false)
        defer { isOver.withLock { $0 = true } }
        let collectors = [
            Self.good, Local(name: "throws") { _ in throw Refusal() },
            Local(name: "waits", timing: Self.short) { _ in try await Task.sleep(for: .seconds(3_600)) },
            Local(name: "blocks", timing: Self.short) { _ in while !isOver.withLock({ $0 }) { usleep(10_000) } },
            Local(name: "strange") { samples in
                samples.add(1, to: "pg_strange_y")
                samples.declare(Metric("pg_strange_z", help: "Z"))
                samples.add(1, to: "pg_strange_z")
            },
        ]
        try await withPoller(collectors) { poller, store, watch in
            await poller.runOnce()
            let conditions = watch.look().conditions
            #expect(conditions.map(\.state) == [.ok, .failed, .failed, .failed, .ok])
            #expect(conditions[1].last?.detail == "no reason")
            #expect(conditions[2].last?.detail == "no end within 200ms")
            #expect(conditions[3].last?.detail == "no end within 200ms, and it still runs")
            #expect(conditions[4].unreadable == 2)
            #expect(Self.page(store) == "# HELP pg_good_x H\n# TYPE pg_good_x gauge\npg_good_x 1\n")
        }
    }

    @Test("one that hangs is not started again before it has ended, while the others go on")
    func oneAtATime() async throws {
        let starts = Mutex(0)
        let mayEnd = Mutex(false)
        let rounds = Mutex(0)
        let collectors = [
            Local(name: "good") { samples in
                rounds.withLock { $0 += 1 }
                samples.add(1, to: "pg_good_x")
            },
            Local(name: "blocks", timing: Self.short) { _ in
                starts.withLock { $0 += 1 }
                while !mayEnd.withLock({ $0 }) { usleep(10_000) }
            },
        ]
        try await withPoller(collectors) { poller, _, watch in
            let task = Task { await poller.run() }
            await wait { watch.look().conditions[1].state == .failed }
            let before = rounds.withLock { $0 }
            await wait { rounds.withLock { $0 } > before + 5 }
            #expect(starts.withLock { $0 } == 1)
            mayEnd.withLock { $0 = true }
            await wait { watch.look().conditions[1].state == .ok }
            #expect(starts.withLock { $0 } >= 2)
            task.cancel()
            await task.value
        }
    }

    @Test("the end of the daemon waits for none that hangs")
    func end() async throws {
        let isOver = Mutex(false)
        defer { isOver.withLock { $0 = true } }
        let blocks = Local(name: "blocks", timing: Timing(every: .seconds(60), timeout: .seconds(60))) { _ in
            while !isOver.withLock({ $0 }) { usleep(10_000) }
        }
        try await withPoller([blocks]) { poller, _, _ in
            let task = Task { await poller.run() }
            try await Task.sleep(for: .milliseconds(100))
            let start = ContinuousClock.now
            task.cancel()
            await task.value
            #expect(ContinuousClock.now - start < .seconds(30))
        }
    }

    @Test("it is no server's: neither its state nor its samples carry a server's name")
    func labels() async throws {
        let server = Configuration.Server(name: "a", keywords: ["host": "127.0.0.1", "port": "1"])
        var configuration = Configuration(servers: [server], serverLabel: .always)
        configuration.collectors = ["good": .init(enabled: true)]
        let setup = Setup(
            configuration: configuration, registry: try Registry([Registry.Entry(Self.good)]), second: SecondSet(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            problems: [], files: [])
        let engine = Engine(setup)
        await engine.localPoller?.runOnce()
        let text = await engine.page.body(gzip: false).pieces.map { String(buffer: $0) }.joined()
        #expect(text.contains("\npg_good_x 1\n"))
        #expect(text.contains("\npgsonde_collector_state{collector=\"good\",state=\"ok\"} 1\n"))
        #expect(!text.contains("{server=\"a\",collector=\"good\""))
        let alone = await engine.page.body(gzip: false, of: 0).pieces.map { String(buffer: $0) }.joined()
        #expect(!alone.contains("good"))
        // A configuration that is read anew and has it still shows its numbers, and how it stands, until it has run again.
        let next = await Engine(setup, after: engine).page.body(gzip: false).pieces.map { String(buffer: $0) }.joined()
        #expect(next.contains("\npg_good_x 1\n"))
        #expect(next.contains("\npgsonde_collector_state{collector=\"good\",state=\"ok\"} 1\n"))
        let report = StatusReport(engine.routes.source)
        #expect(StatusPage(report: report, nonce: "n").html.markup.contains("Beside the servers"))
        #expect(report.local.map(\.name) == ["good"])
    }

    private func withPoller(
        _ collectors: [Local], _ body: (LocalPoller, Store, Watch) async throws -> Void
    ) async throws {
        let registry = try Registry(collectors.map { Registry.Entry($0) })
        let store = Store(registry)
        let watch = Watch(name: "", base: .seconds(1), collectors: collectors.count)
        let poller = LocalPoller(
            Array(collectors.indices), registry, timings: collectors.map(\.timing), store: store, watch: watch,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await body(poller, store, watch)
    }

    private static func page(_ store: Store) -> String {
        store.page(at: .now).map { String(buffer: $0.bytes) }.joined()
    }

    /// Waits for something, a minute at the most.
    private func wait(until isDone: () -> Bool) async {
        for _ in 0..<6_000 where !isDone() { try? await Task.sleep(for: .milliseconds(10)) }
        #expect(isDone())
    }
}
