import Foundation
import Glibc
import Testing

/// What clients of the HTTP server can do to polls and to the database: nothing.
@Suite(.enabled(if: TestServers.isAvailable))
struct ScraperStormTests {
    /// 60 000 rows whose labels are long: a page of some 8 MB.
    private static let big = [
        "collectors.d/big.yaml": """
        name: big
        help: Many numbers (generate_series()).
        from: generate_series(1, 60000) g
        columns:
          - {label: n, sql: "'a label that is not short at all, so that the page is large, and larger than that ' || g"}
          - {gauge: value, sql: g, help: A number (generate_series()).}
        every: 2s
        limit: {series: 100000}
        """
    ]

    @Test(
        "200 scrapers, 100 000 requests and rude clients of every kind: no poll moves, no session more, nothing stays")
    func storm() async throws {
        try await FaultServer.with { fault in
            try await fault.sql("ALTER ROLE monitor SET log_statement = 'all'")
            let text = FaultConfiguration(
                servers: [FaultConfiguration.server(fault)], slow: "1h", more: "web: {header_timeout: 1s}"
            ).text
            try await FaultSampler.during(fault, FaultSampler.sessions()) { sampler in
                try await withDaemon(text) { daemon in
                    let first = try await daemon.page("all have run") { page in
                        !page.samples("pgsonde_collector_state").contains { $0.labels["state"] == "pending" }
                    }
                    try await Task.sleep(for: .seconds(3))
                    let before = try HeldResources(daemon.pid)
                    let ranBefore = polls(fault).count
                    let start = ContinuousClock.now
                    // Most ask for little, so that 100 000 of them are not many gigabytes.
                    let small = Array(repeating: "/-/healthy", count: 40)
                    let crowd = ScraperCrowd(port: daemon.port, paths: ["/metrics"] + small)
                    let counts = try await crowd.during([
                        .scraper: 200, .halfClosed: 20, .slowReader: 40, .slowSender: 40, .garbage: 10, .endless: 10,
                    ]) { crowd in
                        try await eventually("100 000 requests are answered", within: .seconds(300)) {
                            try await Task.sleep(for: .milliseconds(500))
                            let page = try await daemon.page()
                            #expect(page.value("pg_up") == 1)
                            let age = page.value("pgsonde_collector_age_seconds", ["collector": "server"]) ?? 99
                            #expect(age < 5, "polls go on")
                            return crowd.counts.answers.values.reduce(0, +) >= 100_000
                        }
                        return crowd.counts
                    }
                    let seconds = (ContinuousClock.now - start) / .seconds(1)
                    let times = polls(fault).dropFirst(ranBefore)
                    let ran = times.count
                    let gap = zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? .nan
                    print(
                        "storm: \(counts) in \(seconds) s, \(ran) polls, at most \(gap) s between two;",
                        "sessions at most \(sampler.most)")
                    #expect(counts.broken == 0, "whoever asks in peace is answered in peace")
                    #expect([408, 400, 431].allSatisfy { (counts.answers[$0] ?? 0) > 0 }, "\(counts.answers)")
                    // By the clock, whoever scrapes; a busy machine may be late.
                    #expect(Double(ran) <= seconds + 2 && Double(ran) >= seconds / 2, "\(ran) in \(seconds) s")
                    #expect(sampler.most == 2)
                    let last = try await daemon.page()
                    for name in ["pgsonde_connections_opened_total", "pgsonde_connections"] {
                        #expect(last.value(name) == first.value(name))
                    }
                    #expect(fault.errors().isEmpty)
                    try await eventually("all is let go") {
                        try HeldResources(daemon.pid).descriptors <= before.descriptors
                    }
                    let after = try HeldResources(daemon.pid)
                    print("storm: before \(before); after \(after)")
                    #expect(after.anonymous < before.anonymous + 16 << 20)
                    #expect(!daemon.log.contains("level=error"))
                }
            }
        }
    }

    @Test("200 readers that do not read a big page hold segments of it, not pages, under a limit of memory")
    func slowReaders() async throws {
        let server = try #require(TestServers.all.last)
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server("main", port: server.port)], slow: "1h",
            more: "collectors_dir: collectors.d\nweb: {response_timeout: 5s}"
        ).text
        try await withDaemon(text, files: Self.big) { daemon in
            try await eventually("the big one is there") {
                try await daemon.get("/metrics").text.contains("pg_big_value{")
            }
            try await Task.sleep(for: .seconds(3))
            let size = try await daemon.get("/metrics").body.count
            let before = try HeldResources(daemon.pid)
            // Room for some pages, by far not for 200.
            let limit = before.anonymous + 16 * size
            try HeldResources.limitMemory(daemon.pid, to: limit)
            let crowd = ScraperCrowd(port: daemon.port)
            let most = try await crowd.during([.slowReader: 200]) { _ in
                var most = before.anonymous
                for _ in 0..<40 {
                    try await Task.sleep(for: .milliseconds(200))
                    most = max(most, try HeldResources(daemon.pid).anonymous)
                }
                let age = try await daemon.page("it is answered") { $0.value("pg_up") == 1 }
                    .value("pgsonde_collector_age_seconds", ["collector": "server"])
                #expect((age ?? 99) < 5)
                return most
            }
            print("slow readers: a page of \(size >> 10) kB; \(before.anonymous >> 10) kB, at most \(most >> 10) kB")
            #expect(size > 5_000_000)
            // A poll holds a result and two blocks of its own, at any time.
            #expect(most < limit)
            try await eventually("all is let go") {
                try HeldResources(daemon.pid).descriptors <= before.descriptors
            }
        }
    }

    @Test("100 clients who want a big page compressed, and the page for people: no poll moves, and memory is bounded")
    func compressed() async throws {
        let server = try #require(TestServers.all.last)
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server("main", port: server.port)], slow: "1h",
            more: "collectors_dir: collectors.d"
        ).text
        try await withDaemon(text, files: Self.big) { daemon in
            try await eventually("the big one is there") {
                try await daemon.get("/metrics").text.contains("pg_big_value{")
            }
            let size = try await daemon.get("/metrics").body.count
            let before = try HeldResources(daemon.pid)
            let crowd = ScraperCrowd(
                port: daemon.port, paths: ["/metrics", "/", "/metrics?server=main", "/status.json"],
                headers: "Accept-Encoding: gzip\r\n")
            let (counts, most) = try await crowd.during([.scraper: 100]) { crowd in
                var most = before.anonymous
                for _ in 0..<16 {
                    try await Task.sleep(for: .milliseconds(500))
                    most = max(most, try HeldResources(daemon.pid).anonymous)
                    let answer = try await daemon.get("/status.json")
                    #expect(answer.status == 200)
                }
                let page = try await daemon.page("it is up") { $0.value("pg_up") == 1 }
                let age = page.value("pgsonde_collector_age_seconds", ["collector": "server"])
                #expect((age ?? 99) < 5, "polls go on")
                return (crowd.counts, most)
            }
            print("compressed: \(counts); a page of \(size >> 10) kB; \(before), at most \(most >> 10) kB")
            #expect(counts.broken == 0)
            #expect(Set(counts.answers.keys) == [200])
            #expect((counts.answers[200] ?? 0) > 100)
            #expect(most < before.anonymous + 16 * size)
            try await eventually("all is let go") {
                try HeldResources(daemon.pid).descriptors <= before.descriptors
            }
        }
    }

    @Test("out of file descriptors: polls and open connections go on, it says so, and takes clients again")
    func descriptors() async throws {
        try await FaultServer.with { fault in
            let text = FaultConfiguration(servers: [FaultConfiguration.server(fault)], slow: "1h").text
            try await withDaemon(text) { daemon in
                let first = try await daemon.page("all have run") { page in
                    !page.samples("pgsonde_collector_state").contains { $0.labels["state"] == "pending" }
                }
                try await Task.sleep(for: .seconds(2))
                let held = try HeldResources(daemon.pid).descriptors
                try HeldResources.limit(daemon.pid, "nofile", to: held + 3)
                // More clients than can find a place, whatever was open for a moment when it was counted.
                let clients = (0..<40).map { _ in FaultListener.connect(to: daemon.port) }
                try await eventually("it is said") { daemon.log.contains("cannot accept a connection") }
                try await Task.sleep(for: .seconds(4))
                #expect(daemon.program.isRunning)
                for client in clients { close(client) }
                let page = try await daemon.page("it answers again") { $0.value("pg_up") == 1 }
                #expect(
                    (page.value("pgsonde_collector_age_seconds", ["collector": "server"]) ?? 99) < 5, "polls went on")
                #expect(
                    page.value("pgsonde_connections_opened_total") == first.value("pgsonde_connections_opened_total"))
                #expect(daemon.log.matches(of: /cannot accept/).count == 1, "once a minute at most")

                // Not even a new session to the server can be had, and it comes back by itself.
                try HeldResources.limit(daemon.pid, "nofile", to: 3)
                try await fault.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'monitor'")
                try await Task.sleep(for: .seconds(3))
                #expect(daemon.program.isRunning)
                try HeldResources.limit(daemon.pid, "nofile", to: 1_024)
                try await daemon.page("it watches again") { page in
                    page.value("pg_up") == 1
                        && (page.value("pgsonde_collector_age_seconds", ["collector": "server"]) ?? 99) < 3
                }
                try await eventually("what it held, it holds") {
                    try HeldResources(daemon.pid).descriptors <= held + 1
                }
            }
        }
    }

    /// When a collector of every second has run, in seconds of the day, as the server's log has it.
    private func polls(_ fault: FaultServer) -> [Double] {
        var now = 0.0
        var times: [Double] = []
        // A statement has many lines, the first of which begins with the time.
        for line in fault.log {
            let clock =
                line.split(separator: " ").dropFirst().first?.split(separator: ":").compactMap { Double($0) } ?? []
            if line.hasPrefix("20"), clock.count == 3 { now = clock[0] * 3_600 + clock[1] * 60 + clock[2] }
            if line.contains("pg_control_init") { times.append(now) }
        }
        return times
    }
}
