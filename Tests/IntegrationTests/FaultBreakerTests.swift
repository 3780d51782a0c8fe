import Sonde
import SondePostgres
import Testing

/// What passes its time limit, once and all the time.
@Suite(.enabled(if: TestServers.isAvailable))
struct FaultBreakerTests {
    /// A collector that takes as long as the table says, and may take 300 ms.
    static let lazy = """
        name: lazy
        help: Takes as long as a table says (public.patience).
        from: (SELECT pg_sleep(seconds) FROM public.patience) s
        columns:
          - {gauge: value, sql: "1", help: Nothing (nothing).}
        every: 1s
        timeout: 300ms
        """

    /// The time that a statement of ours has run for, in milliseconds.
    private static let longest = """
        SELECT coalesce(max(1000 * extract(epoch FROM clock_timestamp() - query_start)), 0) AS n
        FROM pg_stat_activity WHERE usename = 'monitor' AND state = 'active'
        """

    @Test("a collector that keeps passing its time limit is only probed, costs nobody else, and comes back by itself")
    func breaker() async throws {
        let fault = try await FaultStage.server()
        try await fault.sql(
            "CREATE TABLE patience AS SELECT 0::float AS seconds; GRANT SELECT ON patience TO monitor")
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server(fault)], onlyFast: true, more: "collectors_dir: collectors.d"
        ).text
        let lines = fault.log.count
        let state = { (page: PageText) in
            page.samples("pgsonde_collector_state", ["collector": "lazy"]).first?.labels["state"]
        }
        try await FaultSampler.during(fault, Self.longest) { sampler in
            try await withDaemon(text, files: ["collectors.d/lazy.yaml": Self.lazy]) { daemon in
                try await daemon.page("it works") { state($0) == "ok" && $0.value("pg_lazy_value") == 1 }
                try await fault.sql("UPDATE patience SET seconds = 60")
                let page = try await daemon.page("the breaker is open", within: .seconds(15)) {
                    state($0) == "breaker_open"
                }
                #expect(page.value("pgsonde_collector_success", ["collector": "lazy"]) == 0)
                #expect((page.value("pgsonde_collector_backoff_seconds", ["collector": "lazy"]) ?? 0) > 1)
                try await Task.sleep(for: .seconds(3))
                let later = try await daemon.page()
                for sample in later.samples("pgsonde_collector_age_seconds") where sample.labels["collector"] != "lazy"
                {
                    #expect(sample.value < 4, "\(sample.labels) goes on at its interval")
                }
                try await fault.sql("UPDATE patience SET seconds = 0")
                try await daemon.page("a probe has closed it", within: .seconds(25)) { state($0) == "ok" }
                let told = daemon.log.split(separator: "\n").filter { $0.contains("collector=lazy") }
                #expect(told.map { $0.contains("level=warning") } == [true, true, false], "\(told)")
                #expect(told.count > 1 && told[1].contains("probed"))
            }
            print("breaker: our longest statement took \(sampler.most) ms")
            #expect(sampler.most < 300 + 2_000, "idle again within two seconds of its deadline")
            #expect(sampler.failure == nil)
        }
        let cancelled = fault.log.dropFirst(lines).filter { $0.contains("user=monitor,") && $0.contains("ERROR:") }
        #expect((3...5).contains(cancelled.count), "\(cancelled.joined(separator: "\n"))")
        try await fault.sql("DROP TABLE patience")
    }

    @Test(
        "where even the request to cancel is lost, the server ends the statement by itself", arguments: TestServers.all)
    func lostCancel(server: TestServers.Server) async throws {
        let proxy = try LatencyProxy(to: server.port, delay: .zero)
        defer { proxy.close() }
        var settings = server.settings("monitor", ["port": "\(proxy.port)", "sslmode": "disable"])
        settings.statementTimeout = .seconds(4)
        let connection = Connection(settings)
        try await connection.open(within: .seconds(10))
        let process = try #require(connection.processID)
        let running = Task {
            await connection.run(
                [.test("SELECT pg_sleep(60)", timeout: .milliseconds(300))], into: TestSink())
        }
        try await server.withSuperuser { owner async throws in
            let asked = "SELECT count(*) FROM pg_stat_activity WHERE pid = \(process) AND state = 'active'"
            while try await owner.value(asked) != "1" {}
            proxy.manner = .silent
            let outcome = await running.value.first
            #expect(outcome?.error?.errorClass == .timeout)
            #expect(!connection.isOpen)
            proxy.manner = .plain
            let start = ContinuousClock.now
            // From 14 on it looks for us each second; 13 knows only its own time limit.
            let limit = Duration.seconds(server.major >= 14 ? 2.5 : 5)
            while try await owner.value(asked) != "0", .now - start < .seconds(10) {}
            print("lost cancel: \(server) ended it after \((ContinuousClock.now - start) / .seconds(1)) s")
            #expect(ContinuousClock.now - start < limit)
        }
    }

    @Test("a daemon that is told to end lets what is short come to its end: nothing is cancelled, nothing is an error")
    func farewell() async throws {
        let fault = try await FaultStage.server()
        try await fault.sql(
            "CREATE TABLE patience AS SELECT 0.5::float AS seconds; GRANT SELECT ON patience TO monitor")
        let quick = Self.lazy.replacing("300ms", with: "1s")
        let running = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'monitor' AND wait_event = 'PgSleep'"
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server(fault)], every: "250ms", slow: "250ms",
            more: "collectors_dir: collectors.d"
        ).text
        let lines = fault.log.count
        for _ in 0..<4 {
            try await withDaemon(text, files: ["collectors.d/lazy.yaml": quick]) { daemon in
                try await daemon.page("it works") { $0.value("pg_lazy_value") == 1 }
                try await eventually("it runs again", within: .seconds(5)) { try await fault.sql(running) == "1" }
                let end = try await daemon.terminate()
                #expect(end.code == 0)
                #expect(end.took < .seconds(2))
            }
        }
        try await eventually("no session is left behind", within: .seconds(2)) { fault.titles().isEmpty }
        let ours = fault.log.dropFirst(lines).filter { $0.contains("user=monitor,") }
        #expect(ours == [], "\(ours.joined(separator: "\n"))")
        try await fault.sql("DROP TABLE patience")
    }
}
