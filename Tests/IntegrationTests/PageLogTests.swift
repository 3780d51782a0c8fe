import Foundation
import Testing

extension PageServerTests {
    struct PageLogTests {
        @Test("no query of ours is an error in the log of a healthy server")
        func noErrors() async throws {
            var servers: [PageServer] = []
            for (major, isStandby) in PageServers.all {
                servers.append(try await PageServers.shared.server(major, isStandby: isStandby))
            }
            let offsets = try servers.map { try Data(contentsOf: URL(fileURLWithPath: $0.log)).count }
            let list = try await DaemonProgram.run(["collector", "list"])
            let collectors = list.output.split(separator: "\n").dropFirst().compactMap {
                $0.split(separator: " ").first
            }
            try #require(collectors.count > 10)
            let configuration =
                "servers:\n"
                + servers.map { "  - {name: \"\($0.testDescription)\", dsn: \"\($0.keywords)\"}\n" }.joined()
                + "collectors:\n" + collectors.map { "  \($0): {enabled: true, every: 3s, timeout: 3s}\n" }.joined()
            try await withDaemon(configuration) { daemon in
                // Several cycles of everything, so that statements are prepared, and run again.
                var runs: [[String]: Set<String>] = [:]
                let page = try await daemon.page("all collectors ran three times", within: .seconds(240)) { page in
                    for sample in page.samples("pgsonde_collector_last_success_timestamp_seconds") {
                        runs[sample.keys.compactMap { sample.labels[$0] }, default: []].insert(sample.text)
                    }
                    let states = page.samples("pgsonde_collector_state").map { $0.labels["state"] ?? "" }
                    // Those of another kind of server have no state here.
                    let own = collectors.filter { !$0.hasPrefix("pgbouncer_") }
                    return states.count >= servers.count * own.count && !states.contains("pending")
                        && runs.values.allSatisfy { $0.count >= 3 }
                }
                for sample in page.samples("pgsonde_collector_state") {
                    let state = sample.labels["state"] ?? ""
                    if state == "unavailable" {
                        // What pg_monitor does not allow, and what an extension is missing for: the log names the statement.
                        let name = sample.labels["collector"] ?? ""
                        let said = daemon.log.split(separator: "\n").filter {
                            $0.contains("collector unavailable") && $0.contains(name)
                        }
                        #expect(
                            !said.isEmpty
                                && said.allSatisfy { $0.contains("GRANT") || $0.contains("CREATE EXTENSION") },
                            "\(sample.labels)")
                    } else {
                        #expect(["ok", "skipped_version", "skipped_role"].contains(state), "\(sample.labels)")
                    }
                }
                // Before it ends, which cancels what it waits for.
                for (server, offset) in zip(servers, offsets) {
                    let log = try Data(contentsOf: URL(fileURLWithPath: server.log)).dropFirst(offset)
                    let ours = String(decoding: log, as: UTF8.self).split(separator: "\n").filter {
                        $0.contains("user=monitor") && $0.contains(#/ (WARNING|ERROR|FATAL|PANIC): /#)
                    }
                    #expect(ours.isEmpty, "\(server.testDescription):\n\(ours.prefix(10).joined(separator: "\n"))")
                }
                #expect(try await daemon.terminate().code == 0)
            }
        }
    }
}
