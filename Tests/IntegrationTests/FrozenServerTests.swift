import Glibc
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct FrozenServerTests {
    /// What a scrape says of the server, and how long it took.
    private func look(_ daemon: DaemonProcess) async throws -> (isUp: Bool, reason: String?, took: Duration) {
        let start = ContinuousClock.now
        let response = try await daemon.get("/metrics")
        let took = ContinuousClock.now - start
        #expect(response.status == 200)
        let lines = response.text.split(separator: "\n")
        let reason = lines.first { $0.hasPrefix("pgsonde_server_failure{") && $0.hasSuffix(" 1") }
        return (lines.contains("pg_up 1"), reason?.split(separator: "\"").dropFirst().first.map(String.init), took)
    }

    @Test(
        "a frozen server is down with the reason within one interval, costs scrapes nothing, and comes back by itself")
    func server() async throws {
        try await FaultServer.with { fault in
            try await fault.sql("CREATE ROLE second LOGIN IN ROLE pg_monitor PASSWORD 'second'")
            let often = FaultConfiguration(servers: [FaultConfiguration.server(fault)]).text
            let usual = FaultConfiguration(
                servers: [FaultConfiguration.server(fault, role: "second")], every: nil, slow: nil
            ).text
            let most = try await FaultSampler.during(fault, FaultSampler.sessions()) { sampler in
                try await withDaemon(often) { often in
                    try await withDaemon(usual) { usual in
                        for daemon in [often, usual] {
                            try await daemon.page("up") { $0.value("pg_up") == 1 }
                        }
                        try await freeze(fault, often, usual)
                    }
                }
                #expect(sampler.failure == nil)
                return sampler.most
            }
            print("frozen: at most \(Int(most)) sessions")
            #expect(most <= 3, "budget + 1")
            try await eventually("no session is left behind", within: .seconds(10)) {
                let left = [try await fault.sessions(), try await fault.sessions(of: "second")]
                return left == [0, 0]
            }
        }
    }

    private func freeze(_ fault: FaultServer, _ often: DaemonProcess, _ usual: DaemonProcess) async throws {
        var slowest = Duration.zero
        var downAfter: [Duration?] = [nil, nil]
        fault.freeze()
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .seconds(20), downAfter.contains(nil) || .now - start < .seconds(10) {
            for (index, daemon) in [often, usual].enumerated() {
                let (isUp, reason, took) = try await look(daemon)
                slowest = max(slowest, took)
                if isUp {
                    #expect(downAfter[index] == nil, "it never seems to be up while it is frozen")
                } else {
                    #expect(reason == "timeout")
                    downAfter[index] = downAfter[index] ?? .now - start
                }
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        fault.thaw()
        let thawed = ContinuousClock.now
        for (index, daemon) in [often, usual].enumerated() {
            let seconds = downAfter[index].map { $0 / .seconds(1) } ?? .infinity
            // Shorter intervals are bounded by the time limit of the statement and of the request to cancel it.
            #expect(seconds < (index == 0 ? 6 : 15.5), "known to be down within one interval")
            try await eventually("up again", within: .seconds(18 + 15)) { try await look(daemon).isUp }
            print(
                "frozen: down after \(seconds) s, up again \((ContinuousClock.now - thawed) / .seconds(1)) s after thawing"
            )
        }
        print("frozen: the slowest scrape took \(slowest / .milliseconds(1)) ms")
        #expect(slowest < .seconds(1))
        try await often.page("all collectors are well again", within: .seconds(10)) { page in
            page.samples("pgsonde_collector_state").allSatisfy {
                ["ok", "skipped_role", "skipped_version", "disabled"].contains($0.labels["state"])
                    || $0.labels["state"] == "unavailable"
                        && FaultConfiguration.beyondMonitor.contains($0.labels["collector"] ?? "")
            }
        }
        let lines = often.log.split(separator: "\n").filter { $0.contains("level=warning") }
        // One of the password in the file, one of the silence, and at most a few of what ran at that moment.
        #expect(lines.count <= 4, "the log says it once:\n\(lines.joined(separator: "\n"))")
    }

    @Test("a frozen backend of ours costs its lane a moment, and never a session more than the budget and one")
    func backend() async throws {
        try await FaultServer.with { fault in
            let text = FaultConfiguration(servers: [FaultConfiguration.server(fault)]).text
            try await FaultSampler.during(fault, FaultSampler.sessions()) { sampler in
                try await withDaemon(text) { daemon in
                    try await daemon.page("up") { $0.value("pgsonde_connections") == 2 }
                    var frozen: [pid_t] = []
                    defer { for process in frozen { kill(process, SIGCONT) } }
                    for round in 1...3 {
                        let process = try await fault.sql(
                            "SELECT pid FROM pg_stat_activity WHERE usename = 'monitor' AND NOT pid = ANY ('{\(frozen.map { "\($0)" }.joined(separator: ","))}') ORDER BY backend_start LIMIT 1"
                        )
                        if let process = pid_t(process) {
                            kill(process, SIGSTOP)
                            frozen.append(process)
                        }
                        try await Task.sleep(for: .seconds(5))
                        print(
                            "frozen: \(round) backends frozen, \(try await fault.sessions()) sessions, up: \(try await look(daemon).isUp)"
                        )
                    }
                    #expect(sampler.most <= 3, "budget + 1")
                    for process in frozen { kill(process, SIGCONT) }
                    frozen = []
                    try await daemon.page("all is well again", within: .seconds(30)) { page in
                        page.value("pg_up") == 1 && page.value("pgsonde_connections") == 2
                            && !page.samples("pgsonde_collector_state").contains { $0.labels["state"] == "failed" }
                    }
                    #expect(try await fault.sessions() <= 2)
                }
                #expect(sampler.most <= 3, "budget + 1")
                #expect(sampler.failure == nil)
            }
        }
    }

    @Test("a postmaster that is frozen alone: sessions go on, and what hangs of the requests to cancel is one thread")
    func postmaster() async throws {
        try await FaultServer.with { fault in
            try await fault.sql(
                "CREATE TABLE patience AS SELECT 0::float AS seconds; GRANT SELECT ON patience TO monitor")
            let text = FaultConfiguration(
                servers: [FaultConfiguration.server(fault)], more: "collectors_dir: collectors.d"
            ).text
            let files = ["collectors.d/lazy.yaml": FaultBreakerTests.lazy]
            let state = { (page: PageText) in
                page.samples("pgsonde_collector_state", ["collector": "lazy"]).first?.labels["state"]
            }
            try await FaultSampler.countingProcesses(fault) { sampler in
                try await withDaemon(text, files: files) { daemon in
                    try await daemon.page("all is well") { FaultOutageTests.isWell($0) }
                    let before = try HeldResources(daemon.pid)
                    try await fault.server.withSuperuser { owner async throws in
                        kill(fault.postmaster, SIGSTOP)
                        defer { kill(fault.postmaster, SIGCONT) }
                        _ = try await owner.rows("UPDATE public.patience SET seconds = 60")
                        try await daemon.page("what needs a request to cancel fails") { state($0) == "failed" }
                        // Through some tries more, each of which the server ends by the session's own limit.
                        for _ in 0..<30 {
                            let page = try await daemon.page()
                            #expect(page.value("pg_up") == 1)
                            for sample in page.samples("pgsonde_collector_age_seconds")
                            where sample.labels["collector"] != "lazy" {
                                #expect(sample.value < 6, "\(sample.labels) goes on")
                            }
                            try await Task.sleep(for: .milliseconds(100))
                        }
                        let held = try HeldResources(daemon.pid)
                        #expect(held.threads <= before.threads + 3, "\(before), then \(held)")
                        _ = try await owner.rows("UPDATE public.patience SET seconds = 0")
                    }
                    // It is tried later and later, up to half a minute apart by now.
                    try await daemon.page("all is well again", within: .seconds(45)) { page in
                        FaultOutageTests.isWell(page) && state(page) == "ok"
                    }
                }
                #expect(sampler.most <= 2)
            }
            let errors = fault.errors().filter { !$0.contains("canceling statement") }
            #expect(errors == [])
        }
    }
}
