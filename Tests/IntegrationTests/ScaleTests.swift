import Foundation
import Glibc
import Sonde
import SondeCollectors
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct ScaleTests {
    private static let tables = 10_000

    /// Seconds of CPU that the daemon has used.
    private func processor(_ daemon: DaemonProcess) throws -> Double {
        let stat = try String(contentsOfFile: "/proc/\(daemon.pid)/stat", encoding: .utf8)
        let words = stat.split(separator: ")").last?.split(separator: " ") ?? []
        guard words.count > 12, let user = Double(words[11]), let system = Double(words[12]) else { return .nan }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private func memory(_ daemon: DaemonProcess) throws -> (now: Int, most: Int) {
        let status = try String(contentsOfFile: "/proc/\(daemon.pid)/status", encoding: .utf8)
        let field = { (name: String) in
            status.split(separator: "\n").first { $0.hasPrefix(name) }?.split(separator: " ").dropFirst().first
                .flatMap { Int($0) } ?? 0
        }
        return (field("VmRSS:") * 1_024, field("VmHWM:") * 1_024)
    }

    @Test("10 000 tables: a whole page, in memory of about its own size, and scrapes that cost a copy")
    func tables() async throws {
        try await FaultServer.with { fault in
            let small = FaultConfiguration(servers: [FaultConfiguration.server(fault)], every: nil, slow: nil).text
            // What the daemon takes by itself.
            let idle = try await withDaemon(small) { daemon in
                try await daemon.page("all have run") { $0.value("pg_database_size_bytes") != nil }
                return try memory(daemon).now
            }
            for batch in 0..<10 {
                try await fault.sql(
                    """
                    DO $$ BEGIN
                      FOR i IN \(batch * Self.tables / 10)..\((batch + 1) * Self.tables / 10 - 1) LOOP
                        EXECUTE format('CREATE TABLE table_%s (id int)', lpad(i::text, 5, '0'));
                      END LOOP;
                    END $$
                    """)
            }
            let server = FaultConfiguration.server(fault)
            let text = FaultConfiguration(servers: [server], every: "5s", slow: "5s", limit: Self.tables).text
            try await withDaemon(text) { daemon in
                try await eventually("all sizes are there", within: .seconds(60)) {
                    try await number("pgsonde_collector_rows", "table_size", daemon) == Self.tables
                }
                try await check(daemon)
                try await measure(daemon, idle: idle)
            }
        }
    }

    /// A number of a collector, off a page that is too large to be read strictly.
    private func number(_ family: String, _ collector: String, _ daemon: DaemonProcess) async throws -> Int {
        let tail = try await ScaleScrape.run(daemon).tail
        let line = tail.split(separator: "\n").first { $0.hasPrefix("\(family){collector=\"\(collector)\"} ") }
        return line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) } ?? -1
    }

    /// Counts the series: tables × columns that are not NULL.
    private func check(_ daemon: DaemonProcess) async throws {
        let file = daemon.folder.appendingPathComponent("page")
        _ = try await ScaleScrape.run(daemon, into: file.path)
        let promtool = try #require(TestServers.shared?.tools.promtool)
        let counts = try await blocking {
            let checked = try Shell.result(
                "/bin/sh", ["-c", "exec \"$0\" check metrics < \"$1\"", promtool, file.path])
            // Its opinions of style are no errors.
            if checked.code != 0, checked.code != 3 { throw Shell.Failure(description: checked.error) }
            let count = "/^pg_table_.*[{]/ { split($0, w, \"{\"); n[w[1]]++; if (!seen[w[1] $2]++) u[w[1]]++ }"
            return try Shell.run(
                "/usr/bin/awk", ["-F", "relname=", count + " END { for (f in n) print f, n[f], u[f] }", file.path])
        }
        let families = counts.split(separator: "\n").map { $0.split(separator: " ").compactMap { Int($0) } }
        #expect(families.count >= 15)
        // A table without an index has no index scans, one that was never vacuumed has no time of it: absent for all alike.
        for (line, numbers) in zip(counts.split(separator: "\n"), families) {
            #expect(numbers == [Self.tables + 1, Self.tables + 1] || numbers == [Self.tables, Self.tables], "\(line)")
        }
    }

    private func measure(_ daemon: DaemonProcess, idle: Int) async throws {
        let plain = try await ScaleScrape.run(daemon).length
        let packed = try await ScaleScrape.run(daemon, gzip: true).length
        // All that show tables are due at once here, so that they change in one batch.
        let limited = Builtin.collectors.filter { $0.limit != nil && $0.name.hasPrefix("table") && $0.enabled }
        var block = 0
        for collector in limited { block += try await number("pgsonde_collector_bytes", collector.name, daemon) }
        // Some cycles with scrapes of both kinds.
        for _ in 0..<12 {
            _ = try await ScaleScrape.run(daemon, gzip: true)
            try await Task.sleep(for: .seconds(1))
        }
        let used = try memory(daemon)
        // Twenty at a time, and what one of them costs the daemon beyond its cycles.
        let scrapes = 60
        let start = ContinuousClock.now
        let before = try processor(daemon)
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    for _ in 0..<(scrapes / 20) {
                        let scrape = try await ScaleScrape.run(daemon)
                        #expect(scrape.status == 200)
                        #expect(scrape.length > plain / 2)
                    }
                }
            }
            try await group.waitForAll()
        }
        let took = ContinuousClock.now - start
        let cost = (try processor(daemon) - before) / Double(scrapes)
        let loaded = try memory(daemon)
        let mega = { (bytes: Int) in "\((Double(bytes) / 1e5).rounded() / 10) MB" }
        // One result: a cell is two words for libpq, two for us, and its text.
        let result = Self.tables * Definition.table.columns.count * (16 + 16 + 8)
        // What a limit is decided by: each number of this poll and of the one before.
        let remembered = Self.tables * limited.map { $0.metrics.count }.reduce(0, +) * 16
        let allowed = idle + plain + packed + 2 * block + result + remembered
        print(
            """
            scale: page \(mega(plain)), gzip \(mega(packed)), largest blocks \(mega(block)), result \(mega(result)); \
            memory idle \(mega(idle)), in use \(mega(used.now)), at most \(mega(used.most)), allowed \(mega(allowed)); \
            after 20 scrapers \(mega(loaded.now)), at most \(mega(loaded.most)); \
            a scrape took \(cost * 1_000) ms of CPU, \(scrapes) by 20 at a time \(took / .seconds(1)) s
            """)
        #expect(used.most < allowed + (16 << 20))
    }

    @Test("memory and descriptors return after 1 000 scrapes")
    func scrapes() async throws {
        let server = try #require(TestServers.all.last)
        let item = FaultConfiguration.server("main", host: server.host, port: server.port)
        try await withDaemon(FaultConfiguration(servers: [item], onlyFast: true).text) { daemon in
            try await eventually("up") { try await ScaleScrape.run(daemon).head.contains("pg_up 1") }
            for _ in 0..<100 { _ = try await ScaleScrape.run(daemon) }
            let before = (memory: try memory(daemon).now, descriptors: try descriptors(daemon))
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 { group.addTask { for _ in 0..<250 { _ = try await ScaleScrape.run(daemon) } } }
                try await group.waitForAll()
            }
            let after = (memory: try memory(daemon).now, descriptors: try descriptors(daemon))
            print("returns: 1000 scrapes: \(before), then \(after)")
            #expect(after.descriptors <= before.descriptors + 3)
            #expect(after.memory < before.memory + (4 << 20))
        }
    }

    @Test("memory and descriptors return after 200 connects that failed")
    func connects() async throws {
        let servers = (1...50).map { FaultConfiguration.server("refused \($0)", port: 1) }
        try await withDaemon(FaultConfiguration(servers: servers, onlyFast: true).text) { daemon in
            let failures = {
                try await ScaleScrape.run(daemon).tail.split(separator: "\n")
                    .filter { $0.hasPrefix("pgsonde_connection_failures_total{") }
                    .reduce(0) { $0 + ($1.split(separator: " ").last.flatMap { Double($0) } ?? 0) }
            }
            try await eventually("all have tried") { try await failures() >= 50 }
            let before = (memory: try memory(daemon).now, descriptors: try descriptors(daemon))
            // What every collector on each of so many servers has to say of itself.
            let page = try await ScaleScrape.run(daemon).length
            var count = 0.0
            try await eventually("200 connects have failed", within: .seconds(40)) {
                try await Task.sleep(for: .seconds(1))
                count = try await failures()
                return count >= 250
            }
            let after = (memory: try memory(daemon).now, descriptors: try descriptors(daemon))
            print("returns: \(count) failed connects: \(before), then \(after), page \(page)")
            #expect(after.descriptors <= before.descriptors + 3)
            // A scrape just now may still have left a page or two in the heap.
            try await eventually("memory has returned", within: .seconds(30)) {
                try await Task.sleep(for: .milliseconds(500))
                return try memory(daemon).now < before.memory + (4 << 20) + 2 * page
            }
        }
    }

    private func descriptors(_ daemon: DaemonProcess) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.pid)/fd").count
    }
}
