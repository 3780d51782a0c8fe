import Foundation
import Testing

/// Rights that a DBA took away from everybody, or gave in one database of several.
@Suite(.enabled(if: TestServers.isAvailable))
struct RightsTests {
    @Test(
        "what is not allowed is a state with its GRANT, in the one database or the one sequence too, and a GRANT is noticed",
        arguments: TestServers.all.filter {
            [TestServers.all.first?.major, TestServers.all.last?.major].contains($0.major)
        })
    func lacking(_ test: TestServers.Server) async throws {
        let server = try await PageServer.fresh(test.major, "rights").0
        try await server.sql(
            """
            REVOKE SELECT ON pg_stat_database FROM PUBLIC;
            REVOKE EXECUTE ON FUNCTION pg_stat_get_archiver() FROM PUBLIC;
            REVOKE SELECT ON pg_prepared_xacts FROM PUBLIC;
            GRANT SELECT ON pg_statistic TO monitor;
            CREATE TABLE item AS SELECT generate_series(1, 1000) AS id;
            ANALYZE item;
            CREATE SEQUENCE seen;
            CREATE SEQUENCE unseen;
            SELECT nextval('seen'), nextval('unseen');
            GRANT SELECT ON SEQUENCE seen TO monitor;
            CREATE DATABASE other;
            """)
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server("main", host: server.host, port: server.port)], with: ["table_bloat"]
        ).text
        let wanted = [
            "database": (
                "unavailable",
                "needs SELECT ON pg_stat_database: in database postgres, GRANT SELECT ON pg_stat_database TO"
            ),
            "archiver": (
                "unavailable", "in database postgres, GRANT EXECUTE ON FUNCTION pg_stat_get_archiver() TO"
            ),
            "prepared_xacts": ("unavailable", "GRANT SELECT ON pg_prepared_xacts TO"),
            // Its part that needs the view is not there, nor can the rest be had without it.
            "xmin_horizon": ("unavailable", "GRANT SELECT ON pg_prepared_xacts TO"),
            "table_bloat": ("partial", "in database other, GRANT SELECT ON pg_statistic TO"),
            "sequence_usage": (
                "partial", "in database postgres, GRANT SELECT ON ALL SEQUENCES IN SCHEMA each of yours TO"
            ),
        ]
        let before = try Self.refusals(server)
        try await withDaemon(text) { daemon in
            let page = try await daemon.page("all have run, and what was refused is known", within: .seconds(30)) {
                page in
                wanted.allSatisfy { name, state in Self.state(of: name, on: page) == state.0 }
            }
            #expect(page["pg_sequence_usage_last_value"]?.samples.count == 1)
            for (name, state) in wanted {
                let lines = daemon.log.split(separator: "\n").filter { $0.contains("collector=\(name)") }
                #expect(lines.contains { $0.contains(state.1) }, "\(name): \(lines)")
            }
            // Once for each that is refused, and not again and again.
            let refusals = try Self.refusals(server) - before
            try await Task.sleep(for: .seconds(3))
            #expect(try Self.refusals(server) - before == refusals)

            try await server.sql(
                """
                GRANT SELECT ON pg_stat_database, pg_prepared_xacts TO monitor;
                GRANT EXECUTE ON FUNCTION pg_stat_get_archiver() TO monitor;
                GRANT SELECT ON SEQUENCE unseen TO monitor;
                """)
            try await server.sql("GRANT SELECT ON pg_statistic TO monitor", database: "other")
            try await daemon.page("the GRANTs are seen", within: .seconds(30)) { page in
                wanted.keys.allSatisfy { Self.state(of: $0, on: page) == "ok" }
            }
        }
    }

    private static func state(of collector: String, on page: PageText) -> String? {
        page.samples("pgsonde_collector_state", ["collector": collector]).first?.labels["state"]
    }

    private static func refusals(_ server: PageServer) throws -> Int {
        try String(contentsOfFile: server.log, encoding: .utf8).split(separator: "\n")
            .count { $0.contains("ERROR:") && $0.contains("permission denied") }
    }
}
