import Foundation
import Glibc
import Testing

/// A machine that gives the daemon little: memory and threads, by the limits that a unit file or a container sets.
@Suite(.enabled(if: TestServers.isAvailable))
struct FaultGroupTests {
    @Test(
        "10 000 tables by name, polled and scraped: all of the process stays within the memory that the unit file gives",
        .enabled(if: ControlGroup.isAvailable(.memory)))
    func memory() async throws {
        let count = 10_000
        try await FaultServer.with { fault in
            try await FaultMultitudeTests.addTables(count, to: fault)
            try await ControlGroup.with(.memory, limit: FaultMultitudeTests.memory) { group in
                let server = FaultConfiguration.server(fault)
                let text = FaultConfiguration(servers: [server], every: "5s", slow: "5s", limit: count).text
                try await withDaemon(text, entrance: group.entrance) { daemon in
                    var page = 0
                    try await eventually("all are there", within: .seconds(60)) {
                        let scrape = try await ScaleScrape.run(daemon)
                        page = scrape.length
                        return scrape.tail.contains(#"pgsonde_collector_rows{collector="table_size"} \#(count + 1)"#)
                    }
                    for _ in 0..<12 {
                        #expect(try await ScaleScrape.run(daemon, gzip: true).status == 200)
                        try await Task.sleep(for: .seconds(1))
                    }
                    #expect(try await ScaleScrape.run(daemon).head.contains("pg_up 1"))
                    print(
                        "group: a page of \(page >> 10) kB, at most \(group.most >> 10) kB, \(try HeldResources(daemon.pid))"
                    )
                    #expect(page > 10 << 20)
                    // At the limit what files keep in memory is given back first, so that it may be met but not passed.
                    #expect(group.most < FaultMultitudeTests.memory)
                    #expect(group.killed == 0)
                    // Before its end, which is a sudden one.
                    #expect(fault.errors() == [])
                }
            }
        }
    }

    @Test(
        "with too little memory the kernel ends it: its sessions go at once, and however often it begins anew, there are no more",
        .enabled(if: ControlGroup.isAvailable(.memory)))
    func tooLittle() async throws {
        // Its results are more than it may have, from the first poll on.
        let file = """
            name: large
            help: Long labels (generate_series()).
            from: generate_series(1, 40) g
            columns:
              - {label: name, sql: "g || repeat('x', 1000000)"}
              - {gauge: value, sql: g, help: A number (generate_series()).}
            every: 5s
            timeout: 4s
            """
        try await FaultServer.with { fault in
            try await fault.sql("ALTER SYSTEM SET log_connections = on")
            try await fault.sql("SELECT pg_reload_conf()")
            let text = FaultConfiguration(
                servers: [FaultConfiguration.server(fault)], more: "collectors_dir: collectors.d"
            ).text
            let files = ["pgsonde.yaml": text, "collectors.d/large.yaml": file]
            try await ControlGroup.with(.memory, limit: 64 << 20) { group in
                let words =
                    group.entrance + [
                        DaemonProgram.path, "run", "--config.file={folder}/pgsonde.yaml",
                        "--web.listen-address=127.0.0.1:0",
                    ]
                try await FaultSampler.countingProcesses(fault) { sampler in
                    for round in 1...3 {
                        let result = try await DaemonProgram.run(
                            Array(words.dropFirst()), files: files, program: words[0])
                        #expect(result.code == -SIGKILL, "\(result.error)")
                        #expect(result.error.contains("listening"))
                        #expect(group.killed == round)
                        try await eventually("its sessions are gone", within: .seconds(2)) { fault.titles().isEmpty }
                    }
                    #expect(sampler.most <= 2)
                }
                let logins = fault.log.count { $0.contains("connection authorized: user=monitor") }
                print("group: ended three times, \(logins) logins, errors: \(fault.errors())")
                #expect((3...6).contains(logins))
                for line in fault.errors() { #expect(line.contains("connection to client lost")) }

                try group.limit(to: FaultMultitudeTests.memory)
                try await withDaemon(text, files: files, entrance: group.entrance) { daemon in
                    try await eventually("with enough it goes on", within: .seconds(60)) {
                        try await ScaleScrape.run(daemon).tail
                            .contains(#"pgsonde_collector_success{collector="large"} 1"#)
                    }
                }
                #expect(group.killed == 3)
            }
        }
    }

    @Test(
        "where no thread is to be had, scrapes are answered, and sessions are none too many; once there are threads all is well",
        .enabled(if: ControlGroup.isAvailable(.pids)))
    func threads() async throws {
        try await FaultServer.with { fault in
            let text = FaultConfiguration(servers: [FaultConfiguration.server(fault)]).text
            let enough = 1_000
            try await ControlGroup.with(.pids, limit: enough) { group in
                try await FaultSampler.countingProcesses(fault) { sampler in
                    try await withDaemon(text, entrance: group.entrance) { daemon in
                        try await daemon.page("all is well") { FaultOutageTests.isWell($0) }
                        try group.limit(to: 1)
                        try await fault.sql(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'monitor'")
                        var slowest = Duration.zero
                        for _ in 0..<40 {
                            let start = ContinuousClock.now
                            #expect(try await daemon.get("/metrics").status == 200)
                            slowest = max(slowest, .now - start)
                            try await Task.sleep(for: .milliseconds(200))
                        }
                        print(
                            "group: no threads; a scrape took at most \(slowest), up: \(try await daemon.page().value("pg_up") ?? -1)"
                        )
                        #expect(slowest < .seconds(1))
                        try group.limit(to: enough)
                        try await daemon.page("all is well again", within: .seconds(30)) { page in
                            let age = page.value("pgsonde_collector_age_seconds", ["collector": "server"])
                            return FaultOutageTests.isWell(page) && (age ?? 99) < 3
                        }
                        let end = try await daemon.terminate()
                        #expect(end.code == 0)
                        #expect(end.took < .seconds(2))
                    }
                    #expect(sampler.most <= 2)
                }
                #expect(fault.errors().allSatisfy { $0.contains("57P01") || $0.contains("terminating connection") })
            }
        }
    }
}
