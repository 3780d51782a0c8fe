import Foundation
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct UndeadSessionTests {
    @Test(
        "a session whose client stopped to read is undead after some time, and not before", arguments: TestServers.all)
    func undead(_ test: TestServers.Server) async throws {
        let server = try await PageServer.fresh(test.major, "undead").0
        // The time to stop the client in, and much more than sockets hold.
        let script = """
            COPY (WITH s AS MATERIALIZED (SELECT pg_sleep(1)) SELECT repeat('x', 1000) FROM s, generate_series(1, 100000))
            TO STDOUT
            """
        let asked = "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'staged' AND state = 'active'"
        try await server.withSessions([script + ";"], until: asked) { sessions in
            sessions[0].send(SIGSTOP)
            try await eventually("the server cannot send any more") {
                try await server.sql("SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'ClientWrite'")
                    == "t"
            }
            let young = try PageText(try await server.once())
            #expect(young.value("pg_undead_sessions") == 0)
            #expect(young["pg_undead_oldest_query_seconds"] == nil)

            let definition = try await PageServer.definition("undead")
            let quick = definition.replacing("2 minutes", with: "1 second")
            #expect(quick != definition)
            let old = try await server.once(collectors: ["quick": quick])
            let age = try await server.number(
                "extract(epoch FROM clock_timestamp() - query_start) FROM pg_stat_activity WHERE application_name = 'staged'"
            )
            #expect(old.value("pg_undead_sessions") == 1)
            let shown = try #require(old.value("pg_undead_oldest_query_seconds"))
            #expect(shown > 1 && shown <= age)
        }
    }
}
