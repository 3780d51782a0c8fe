import Foundation
import Glibc
import Testing

/// A signal at moments that are over soon.
@Suite(.enabled(if: TestServers.isAvailable))
struct ShutdownMomentTests {
    @Test("a signal in the midst of the start ends it, and leaves no session")
    func starting() async throws {
        try await FaultServer.with { fault in
            let text = FaultConfiguration(servers: [FaultConfiguration.server(fault)]).text
            for milliseconds in [0, 5, 10, 20, 30, 50, 80, 120, 200, 300] {
                try await DaemonProgram.withFolder(["pgsonde.yaml": text]) { folder in
                    let program = try DaemonProgram(
                        ["run", "--config.file=\(folder.path)/pgsonde.yaml", "--web.listen-address=127.0.0.1:0"],
                        in: folder)
                    try await Task.sleep(for: .milliseconds(milliseconds))
                    let end = await program.ending(after: SIGTERM, within: .seconds(10))
                    await program.stop()
                    // Before it listens to signals, the system ends it.
                    #expect([0, -SIGTERM].contains(end?.code ?? 99), "after \(milliseconds) ms: \(program.error)")
                    #expect(end.map { $0.took < .seconds(2) } == true)
                }
            }
            try await eventually("no session is left", within: .seconds(10)) { try await fault.sessions() == 0 }
        }
    }

    @Test(
        "a scrape that waits for the database does not keep it, and a second signal does not hurt", arguments: [1, 2])
    func scraping(signals: Int) async throws {
        let server = try #require(TestServers.all.last)
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server("main", port: server.port)], more: "collectors_dir: collectors.d"
        ).text.replacing("collectors:\n", with: "collectors:\n  lazy: {every: scrape}\n")
        let files = [
            "collectors.d/lazy.yaml": """
            name: lazy
            help: Sleeps (pg_sleep()).
            from: (SELECT pg_sleep(20)) s
            columns:
              - {gauge: value, sql: "1", help: Nothing (nothing).}
            every: 60s
            timeout: 30s
            """
        ]
        try await withDaemon(text, files: files) { daemon in
            async let scrape = try? daemon.get(
                "/metrics", ["X-Prometheus-Scrape-Timeout-Seconds": "20"], within: .seconds(30))
            try await Task.sleep(for: .seconds(1))
            if signals == 2 {
                daemon.program.send(SIGTERM)
                try await Task.sleep(for: .milliseconds(50))
            }
            let end = try await daemon.terminate()
            #expect(end.code == 0)
            #expect(end.took < .seconds(2))
            _ = await scrape
        }
    }
}
