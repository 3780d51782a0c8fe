import Sonde
import SondePostgres
import Synchronization
import Testing

@Suite(.enabled(if: !TestServer.all.isEmpty))
struct ConnectionTests {
    @Test("one query gives its rows, NULL apart from the empty string", arguments: TestServer.all)
    func oneQuery(server: TestServer) async throws {
        let connection = Connection(ConnectionSettings(keywords: server.keywords()))
        try await connection.open(within: .seconds(10))
        #expect(connection.isOpen)
        #expect(connection.serverVersion?.major == server.major)
        let sink = TestSink()
        let outcomes = await connection.run(
            [TestSink.job("SELECT 'a' AS x, NULL AS y, '' AS z UNION ALL SELECT 'b', '2', 'ü'")], into: sink)
        #expect(outcomes.map(\.error) == [nil])
        #expect(outcomes.map(\.rows) == [2])
        #expect(outcomes.map(\.bytes) == [5])
        #expect(sink.tables[0] == [["a", nil, ""], ["b", "2", "ü"]])
        #expect(await connection.close(within: .seconds(5)))
        #expect(!connection.isOpen)
    }
}
