import Foundation
import Testing

/// What is said where the role is more than it should be.
@Suite(.enabled(if: TestServers.isAvailable))
struct SuperuserTests {
    private static let definition = """
        name: app_one
        help: One
        from: pg_class
        columns: [{gauge: relations, sql: count(*), help: Relations (pg_class)}]
        every: 1s

        """

    @Test("that SQL of the user's runs as a superuser is said once, and of no other role")
    func told() async throws {
        let server = try #require(TestServers.all.last)
        for (role, ways, count) in [("postgres", ["custom", "plain"], 1), ("monitor", ["custom"], 0)] {
            for way in ways {
                let configuration = """
                    servers:
                      - {name: main, dsn: host=\(server.host) port=\(server.port) user=\(role) password=\(role) dbname=postgres}
                    \(way == "custom" ? "collectors_dir: d" : "")

                    """
                try await withDaemon(configuration, files: ["d/one.yaml": Self.definition]) { daemon in
                    let last = "pgsonde_collector_last_success_timestamp_seconds"
                    let name = way == "custom" ? "app_one" : "activity"
                    for _ in 0..<2 {
                        try await daemon.page("it has run") { $0.value(last, ["collector": name]) != nil }
                        let said = daemon.log.split(separator: "\n").filter { $0.contains("the role is a superuser") }
                        #expect(said.count == (way == "custom" ? count : 0), "\(role) \(way): \(said)")
                        #expect(said.allSatisfy { $0.contains("app_one") && $0.contains("level=warning") })
                        let before = daemon.log.count
                        daemon.program.send(SIGHUP)
                        try await eventually("it was read") { daemon.log.dropFirst(before).contains("was read anew") }
                    }
                }
            }
        }
    }
}
