import Foundation
import Glibc
import Testing

/// Servers that become other servers under the same address.
@Suite(.serialized, .enabled(if: TestServers.isAvailable))
struct FaultTransitionTests {
    private static func lacksFailures(_ page: PageText) -> Bool {
        !page.samples("pgsonde_collector_state").contains {
            ["failed", "pending", "breaker_open"].contains($0.labels["state"])
        }
    }

    @Test(
        "a primary that is demoted and follows the standby that was promoted: roles change, and nobody's log has an error"
    )
    func switchover() async throws {
        try await FaultServer.with(standby: true) { primary in
            let standby = try #require(primary.server.standby)
            let text = FaultConfiguration(servers: [
                FaultConfiguration.server(primary, name: "one"),
                FaultConfiguration.server("two", host: standby.host, port: standby.port),
            ]).text
            let role = { (page: PageText, server: String) in
                page.value("pg_server_in_recovery", ["server": server])
            }
            try await withDaemon(text) { daemon in
                try await daemon.page("a primary and a standby") { page in
                    role(page, "one") == 0 && role(page, "two") == 1 && Self.lacksFailures(page)
                }
                try await primary.halt()
                let environment = primary.environment().merging(["PGPORT": "\(standby.port)"]) { $1 }
                let psql = try #require(TestServers.shared).tools.psql
                _ = try await blocking {
                    try Shell.run(psql, ["-XqAtw", "-c", "SELECT pg_promote()"], environment: environment)
                }
                try await daemon.page("the standby is a primary, and the primary is gone", within: .seconds(15)) {
                    page in
                    role(page, "two") == 0 && page.value("pg_up", ["server": "one"]) == 0
                }
                try primary.write("standby.signal", "")
                try primary.configure([
                    "primary_conninfo = 'host=127.0.0.1 port=\(standby.port) user=replicator password=replicator'"
                ])
                try await primary.resume()
                let page = try await daemon.page("they have changed roles", within: .seconds(30)) { page in
                    role(page, "one") == 1 && role(page, "two") == 0 && Self.lacksFailures(page)
                        && page.value("pg_wal_receiver_active", ["server": "one"]) == 1
                        // What only a standby shows is gone from the page of the one that is none any more.
                        && page.value("pg_wal_receiver_active", ["server": "two"]) == nil
                        && !page.samples("pgsonde_collector_state", ["server": "two", "state": "skipped_role"]).isEmpty
                }
                #expect(page.value("pg_up", ["server": "one"]) == 1)
            }
            for log in [primary.server.log, standby.log] {
                let errors = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").filter {
                    $0.contains("user=monitor,") && $0.contains("ERROR:")
                }
                #expect(errors == [])
            }
        }
    }

    @Test("another major behind the same address is planned for before it is asked anything")
    func upgrade() async throws {
        let listener = try FaultListener()
        let port = listener.port
        listener.close()
        let majors = TestServers.all.map(\.major)
        let (old, new) = (try #require(majors.first), try #require(majors.last))
        let text = FaultConfiguration(servers: [FaultConfiguration.server("main", port: port)]).text
        try await withDaemon(text) { daemon in
            for major in [old, new, old] {
                try await FaultServer.with(major, port: port) { fault in
                    try await FaultSampler.countingProcesses(fault) { sampler in
                        try await daemon.page("\(major) is up and all have run", within: .seconds(30)) { page in
                            page.samples("pg_server_info").first?.labels["version"]?.hasPrefix("\(major)") == true
                                && page.value("pg_up") == 1 && Self.lacksFailures(page)
                        }
                        try await Task.sleep(for: .seconds(2))
                        #expect(Self.lacksFailures(try await daemon.page()))
                        #expect(sampler.most <= 2)
                    }
                    #expect(fault.errors() == [], "no plan of the major before was run")
                }
                try await daemon.page("down") { $0.value("pg_up") == 0 }
            }
        }
    }
}
