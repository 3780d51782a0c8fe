import Sonde
import SondePostgres
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct ConnectionEncodingTests {
    @Test("invalid UTF-8 in a SQL_ASCII database is replaced", arguments: TestServers.all)
    func sqlASCII(server: TestServers.Server) async throws {
        try await server.withSuperuser { owner async throws in
            _ = try await owner.rows(
                "CREATE DATABASE raw ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        }
        let settings = server.settings("postgres", ["dbname": "raw"])
        try await server.withConnection(settings) { connection async throws in
            #expect(try await connection.value("SELECT current_setting('client_encoding')") == "SQL_ASCII")
            let text = try await connection.value(#"SELECT E'caf\xe9'"#)
            #expect(text == "caf\u{FFFD}")
            #expect(try await connection.value(#"SELECT E'caf\xc3\xa9'"#) == "café")
        }
        try await server.withSuperuser { owner in _ = try await owner.rows("DROP DATABASE raw") }
    }

    @Test("a text that cannot be converted comes as it is stored", arguments: TestServers.all)
    func notConvertible(server: TestServers.Server) async throws {
        try await server.withSuperuser { owner async throws in
            _ = try await owner.rows(
                "CREATE DATABASE cyrillic ENCODING 'WIN1252' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        }
        try await server.withConnection(server.settings("postgres", ["dbname": "cyrillic"])) {
            connection async throws in
            let sink = TestSink()
            // 0x81 is no character of WIN1252.
            let outcomes = await connection.run(
                [
                    .test("SELECT 'before' AS x"), .test("SELECT chr(129) AS x", step: 1),
                    .test("SELECT 'after' AS x", step: 2),
                ],
                into: sink)
            #expect(outcomes.compactMap(\.error) == [])
            #expect(sink.tables == [0: [["before"]], 1: [["\u{FFFD}"]], 2: [["after"]]])
            #expect(try await connection.value("SELECT chr(233)") == "\u{FFFD}", "from here on everything comes so")
        }
        try await server.withSuperuser { owner in _ = try await owner.rows("DROP DATABASE cyrillic") }
    }
}
