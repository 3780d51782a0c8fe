import Glibc
import Logging
import NIOCore
import Sonde
import SondePostgres
import Synchronization
import Testing

@testable import SondeDaemon

@Suite("Collectors in code that misbehave", .enabled(if: TestServers.isAvailable))
struct GuestCollectorTests {
    /// What a test lets collectors do.
    private final class Stage: Sendable {
        let isBlocked = Mutex(true)
        let readings = Mutex<[String: Int]>([:])

        /// Blocks the thread, whatever is asked of it, until the test has seen enough.
        func block() {
            while isBlocked.withLock({ $0 }) { usleep(5_000) }
        }

        func count(_ name: String) {
            readings.withLock { $0[name, default: 0] += 1 }
        }

        func count(of name: String) -> Int { readings.withLock { $0[name] ?? 0 } }
    }

    /// One statement, and a reader that does what a closure says.
    private struct Guest: Collector {
        struct Body: Reader {
            let body: @Sendable (borrowing Rows, inout Samples) throws -> Void

            mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) throws {
                try body(rows, &samples)
            }
        }

        let name: String
        let help = "H"
        var per = Scope.server
        var timing = Timing(every: .milliseconds(200), timeout: .milliseconds(300))
        var planned: @Sendable () -> Void = {}
        let body: @Sendable (borrowing Rows, inout Samples) throws -> Void

        var metrics: [Metric] { [Metric("pg_\(name)_x", help: "H", labels: ["l"])] }

        func plan(for facts: Facts, without refused: Set<String>) -> Plan {
            planned()
            return .steps([Step("SELECT n::int AS n FROM generate_series(1, 3) AS n")])
        }

        func makeReader(for timing: Timing) -> any Reader { Body(body: body) }
    }

    private struct Refusal: Error, CustomStringConvertible {
        let description = "no\nreason"
    }

    private static let names = ["good", "throws", "strange", "polite", "blocks", "plans", "everywhere"]

    private static func collectors(_ stage: Stage) -> [any Collector] {
        [
            Guest(name: "good") { rows, samples in
                stage.count("good")
                for row in 0..<rows.count {
                    samples.add(rows.number(row, "n") ?? 0, to: "pg_good_x", labels: [("l", rows.text(row, "n") ?? "")])
                }
            },
            Guest(name: "throws") { _, _ in throw Refusal() },
            Guest(name: "strange") { _, samples in
                samples.add(1, to: "pg_strange_y")
                samples.add(1, to: "pg_strange_x", labels: [("m", "")])
                samples.add(1, to: "pg_strange_x", labels: [("l", "a")])
                samples.add(2, to: "pg_strange_x", labels: [("l", "a")])
                samples.declare(Metric("pg_strange_z", help: "Z"))
                samples.add(1, to: "pg_strange_z")
            },
            Guest(name: "polite") { _, _ in
                while !Task.isCancelled { usleep(5_000) }
                throw Refusal()
            },
            Guest(name: "blocks") { _, samples in
                stage.count("blocks")
                stage.block()
                samples.add(1, to: "pg_blocks_x")
            },
            Guest(name: "plans", planned: stage.block) { _, samples in samples.add(1, to: "pg_plans_x") },
            Guest(name: "everywhere", per: .database) { _, samples in
                stage.count("everywhere")
                stage.block()
                samples.add(1, to: "pg_everywhere_x")
            },
        ]
    }

    @Test("one that throws, hangs while it plans or reads, or emits what it did not declare costs only itself")
    func costs() async throws {
        let stage = Stage()
        defer { stage.isBlocked.withLock { $0 = false } }
        try await withPoller(Self.collectors(stage)) { conditions, page in
            try await eventually("all have run") { conditions().allSatisfy { $0.state != .pending } }
            // The others go on, while nothing that hangs is begun a second time.
            let before = stage.count(of: "good")
            try await eventually("the good one goes on") { stage.count(of: "good") > before + 5 }
            let seen = Dictionary(uniqueKeysWithValues: zip(Self.names, conditions()))
            #expect(seen["good"]?.state == .ok)
            #expect(seen["throws"]?.last?.detail == "no reason")
            #expect(seen["strange"]?.state == .ok)
            #expect(seen["strange"]?.duplicates ?? 0 > 0)
            #expect(seen["strange"]?.unreadable ?? 0 >= 3)
            #expect(seen["polite"]?.last?.detail == "its reader did not end within 300ms")
            for name in ["blocks", "plans", "everywhere"] {
                #expect(seen[name]?.state.isFailure == true)
                #expect(seen[name]?.last?.detail.hasSuffix("still runs") == true, "\(seen[name]?.last?.detail ?? "")")
                #expect(seen[name]?.errors[.timeout] ?? 0 > 0)
            }
            #expect(stage.count(of: "blocks") == 1)
            // In one database of the server, and not one after the other in all of them.
            #expect(stage.count(of: "everywhere") == 1)
            try await eventually("the breaker opens") { conditions()[4].state == .breakerOpen }
            let text = await page()
            #expect(text.contains("pg_good_x{l=\"3\"} 3\n"))
            #expect(text.contains("pg_strange_x{l=\"a\"} 1\n"))
            for name in ["pg_strange_y", "pg_strange_z", "pg_throws_x", "pg_blocks_x", "pg_plans_x"] {
                #expect(!text.contains(name))
            }
            _ = try PageText(text)
            stage.isBlocked.withLock { $0 = false }
            try await eventually("those that hung work again", within: .seconds(60)) {
                ["blocks", "plans", "everywhere"].allSatisfy {
                    conditions()[Self.names.firstIndex(of: $0) ?? 0].state == .ok
                }
            }
            #expect(await page().contains("pg_everywhere_x{datname=\"postgres\",l=\"\"} 1\n"))
        }
    }

    @Test("the end of the daemon waits for none that hangs")
    func end() async throws {
        let stage = Stage()
        defer { stage.isBlocked.withLock { $0 = false } }
        let slow = Guest(name: "slow", timing: Timing(every: .seconds(1), timeout: .seconds(3_600))) { _, _ in
            stage.count("slow")
            stage.block()
        }
        let start = Mutex(ContinuousClock.now)
        try await withPoller([slow]) { _, _ in
            try await eventually("it hangs") { stage.count(of: "slow") == 1 }
            start.withLock { $0 = .now }
        }
        #expect(ContinuousClock.now - start.withLock { $0 } < .seconds(30))
    }

    /// Polls a server until the body has ended.
    private func withPoller(
        _ collectors: [any Collector],
        _ body: (_ conditions: () -> [Watch.Condition], _ page: () async -> String) async throws -> Void
    ) async throws {
        let keywords = try #require(TestServers.major(17)).keywords
        let setup = Setup(
            configuration: Configuration(servers: [Configuration.Server(name: "a", keywords: keywords)]),
            registry: try Registry(collectors.map { Registry.Entry($0) }), second: SecondSet(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, problems: [], files: [])
        let engine = Engine(setup)
        let task = Task { await engine.pollers[0].run() }
        do {
            let conditions = { engine.pollers[0].target.watch.look().conditions }
            let page = { await engine.page.body(gzip: false).pieces.map { String(buffer: $0) }.joined() }
            try await body(conditions, page)
        } catch {
            task.cancel()
            await task.value
            throw error
        }
        task.cancel()
        await task.value
    }
}
