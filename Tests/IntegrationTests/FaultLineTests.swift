import Glibc
import Testing

/// What can be wrong with the line between us and the server.
@Suite(.enabled(if: TestServers.isAvailable))
struct FaultLineTests {
    /// A daemon beyond a proxy, and one look at the server's side each 100 ms.
    private func withLine(
        delay: Duration = .zero, onlyFast: Bool = false, most: Double = 3, files: [String: String] = [:],
        _ body: (FaultServer, LatencyProxy, DaemonProcess) async throws -> Void
    ) async throws {
        let fault = try await FaultStage.server()
        let proxy = try LatencyProxy(to: fault.server.port, delay: delay)
        defer { proxy.close() }
        let item = FaultConfiguration.server("main", port: proxy.port) + "\nsslmode: disable"
        let more = files.isEmpty ? "" : "collectors_dir: collectors.d"
        let text = FaultConfiguration(servers: [item], onlyFast: onlyFast, more: more).text
        let lines = fault.log.count
        try await FaultSampler.countingProcesses(fault) { sampler in
            try await withDaemon(text, files: files) { daemon in try await body(fault, proxy, daemon) }
            #expect(sampler.most <= most, "\(sampler.most) sessions at most")
        }
        proxy.close()
        try await eventually("no session is left behind", within: .seconds(10)) { fault.titles().isEmpty }
        let ours = fault.log.dropFirst(lines).filter { $0.contains("user=monitor,") }
        #expect(ours.filter { $0.contains("ERROR:") } == [], "\(ours.joined(separator: "\n"))")
    }

    @Test("packets that are lost in mid-query, and peers that are half open: down with the reason, and well again")
    func silent() async throws {
        try await withLine { _, proxy, daemon in
            try await daemon.page("all is well") { FaultOutageTests.isWell($0) }
            proxy.manner = .silent
            let start = ContinuousClock.now
            let page = try await daemon.page("it is down", within: .seconds(8)) { $0.value("pg_up") == 0 }
            print("silence: down after \((ContinuousClock.now - start) / .seconds(1)) s")
            #expect(page.value("pgsonde_server_failure", ["reason": "timeout"]) == 1)
            // Through attempts to connect that hang until their deadline.
            for _ in 0..<30 {
                #expect(try await daemon.page().value("pg_up") == 0)
                try await Task.sleep(for: .milliseconds(100))
            }
            proxy.manner = .plain
            try await daemon.page("all is well again", within: .seconds(25)) { FaultOutageTests.isWell($0) }
            #expect(daemon.log.split(separator: "\n").filter { $0.contains("does not answer") }.count <= 2)
        }
    }

    @Test(
        "silence that begins in mid-statement: what was answered before it does not make the server seem to be up again"
    )
    func lateNews() async throws {
        // Beside the heavy ones, and given up long after it is known that the server is silent.
        let file = """
            name: lazy
            help: Takes its time (pg_sleep()).
            from: (SELECT pg_sleep(4)) s
            columns:
              - {gauge: value, sql: "1", help: Nothing (nothing).}
            every: 8s
            timeout: 7s
            """
        let running = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'monitor' AND wait_event = 'PgSleep'"
        try await withLine(files: ["collectors.d/lazy.yaml": file]) { fault, proxy, daemon in
            try await daemon.page("it is up") { $0.value("pg_up") == 1 }
            try await eventually("it takes its time") { try await fault.sql(running) == "1" }
            proxy.manner = .silent
            try await daemon.page("it is down", within: .seconds(8)) { $0.value("pg_up") == 0 }
            for _ in 0..<120 {
                #expect(try await daemon.page().value("pg_up") == 0)
                try await Task.sleep(for: .milliseconds(100))
            }
            proxy.manner = .plain
            try await daemon.page("all is well again", within: .seconds(40)) { FaultOutageTests.isWell($0) }
            #expect(daemon.log.split(separator: "\n").count { $0.contains("answers again") } == 1)
        }
    }

    @Test("200 ms in each direction: all collectors run, and none fails")
    func far() async throws {
        try await withLine(delay: .milliseconds(200), most: 2) { _, _, daemon in
            try await daemon.page("all is well") { FaultOutageTests.isWell($0) }
            try await Task.sleep(for: .seconds(2))
            let page = try await daemon.page()
            #expect(FaultOutageTests.isWell(page))
            for sample in page.samples("pgsonde_collector_age_seconds") {
                #expect(sample.value < 10, "\(sample.labels)")
            }
        }
    }

    @Test("one byte at a time")
    func bytes() async throws {
        try await withLine(onlyFast: true, most: 2) { _, proxy, daemon in
            proxy.manner = .bytewise
            try await daemon.page("all have run") { page in
                page.value("pg_up") == 1
                    && page.samples("pgsonde_collector_state").allSatisfy {
                        !["pending", "failed", "breaker_open"].contains($0.labels["state"])
                    }
            }
        }
    }

    @Test("garbage in the midst of an answer costs the session, and no more", arguments: [false, true])
    func garbage(isHuge: Bool) async throws {
        // A row that says that it has two gigabytes, or what is no message at all.
        let bytes: [UInt8] =
            isHuge ? [UInt8(ascii: "D"), 0x7F, 0xFF, 0xFF, 0xFF, 0, 1] : Array("HTTP/1.1 400\r\n".utf8)
        try await withLine { _, proxy, daemon in
            try await daemon.page("all is well") { FaultOutageTests.isWell($0) }
            for _ in 0..<3 {
                let before = try await daemon.page().value("pgsonde_connections_opened_total") ?? 0
                proxy.manner = .garbage(bytes)
                try await daemon.page("the session was given up", within: .seconds(15)) { page in
                    page.samples("pgsonde_connection_failures_total").contains { $0.value > 0 }
                        && (page.value("pgsonde_connections") ?? 2) < 2
                        || (page.value("pgsonde_connections_opened_total") ?? 0) > before
                }
                proxy.manner = .plain
                try await daemon.page("all is well again", within: .seconds(25)) { FaultOutageTests.isWell($0) }
            }
        }
    }

    @Test(
        "where no packet goes, and where packets vanish", .enabled(if: DaemonProgram.hasNamespaces),
        arguments: [
            ("true", "network"),
            // Whom nobody has, behind an interface that is up: what is sent there is thrown away without a word.
            ("ip link set lo up && ip route add 192.0.2.1/32 dev lo", "timeout"),
        ])
    func unroutable(setup: String, reason: String) async throws {
        // A namespace of its own, without any other interface: nothing leaves it.
        let start = ContinuousClock.now
        let result = try await DaemonProgram.run(
            ["--net", "/bin/sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; \(setup) && exec \(DaemonProgram.path) once"],
            environment: ["DATA_SOURCE_NAME": "host=192.0.2.1 user=monitor dbname=postgres connect_timeout=3"],
            program: "/usr/bin/unshare")
        #expect(ContinuousClock.now - start < .seconds(20))
        let page = try PageText(result.output)
        #expect(page.value("pg_up") == 0)
        #expect(page.value("pgsonde_server_failure", ["reason": reason]) == 1, "\(result.error)")
    }
}

extension DaemonProgram {
    /// Whether a process can have a network of its own.
    static let hasNamespaces: Bool =
        (try? Shell.run("/usr/bin/unshare", ["--net", "/bin/true"])) != nil
}
