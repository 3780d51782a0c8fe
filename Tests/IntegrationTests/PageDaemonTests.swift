import Foundation
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct PageDaemonTests {
    @Test("the daemon serves a server's page, and ends when it is told to")
    func lives() async throws {
        let server = try #require(TestServers.all.last)
        let configuration = """
            servers:
              - name: main
                host: \(server.host)
                port: \(server.port)
                dsn: user=monitor password=monitor
                dbname: postgres
            """
        try await withDaemon(configuration) { daemon in
            // It is up from its first answer on, which only says what it is.
            try await daemon.page("the server is up, and its page is there") { page in
                page.value("pg_up") == 1 && page.families.count > 30
            }
            let end = try await daemon.terminate()
            #expect(end.code == 0)
        }
    }
}
