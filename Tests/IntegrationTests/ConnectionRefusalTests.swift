import Glibc
import Sonde
import SondePostgres
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct ConnectionRefusalTests {
    /// The error of a connection that cannot be made.
    private func refusal(_ settings: ConnectionSettings) async -> PostgresError? {
        let connection = Connection(settings)
        do throws(PostgresError) {
            try await connection.open(within: .seconds(30))
            await connection.close(within: .seconds(10))
            return nil
        } catch {
            #expect(!connection.isOpen)
            return error
        }
    }

    @Test("a wrong or missing password is an error of authentication", arguments: TestServers.all)
    func password(server: TestServers.Server) async throws {
        let wrong = try #require(await refusal(server.settings("monitor", ["password": "S3cret%41\u{1F511}"])))
        #expect(wrong.errorClass == .auth)
        #expect(wrong.sqlstate == "28P01")
        #expect(!"\(wrong)".contains("S3cret"))
        #expect(!wrong.message.contains("LOCATION"))
        var none = server.settings()
        none.keywords["password"] = nil
        none.keywords["passfile"] = "/nonexistent"
        #expect(await refusal(none)?.errorClass == .auth)
        let nobody = try #require(await refusal(server.settings("nobody of this name", ["password": "hunter22"])))
        #expect(nobody.errorClass == .auth)
    }

    @Test("a database that is not there is an error of its own", arguments: TestServers.all)
    func database(server: TestServers.Server) async throws {
        let error = try #require(await refusal(server.settings("monitor", ["dbname": "no such thing"])))
        #expect(error.sqlstate == "3D000")
        #expect(error.errorClass == .other)
    }

    @Test("a port where nobody listens is a network error, and so is a host without an address")
    func network() async throws {
        for keywords in [
            ["host": "127.0.0.1", "port": "1"], ["host": "no-such-host.invalid"], ["host": "/nonexistent"],
            ["host": "127.0.0.1,127.0.0.1", "port": "1"],
        ] {
            let error = try #require(await refusal(ConnectionSettings(keywords: keywords)))
            #expect(error.errorClass == .network, "\(keywords): \(error)")
            #expect(error.sqlstate == nil)
        }
    }

    @Test("the next host is tried", arguments: TestServers.newest)
    func nextHost(server: TestServers.Server) async throws {
        let keywords = ["host": "127.0.0.1,127.0.0.1", "port": "1,\(server.port)"]
        #expect(await refusal(server.settings("monitor", keywords)) == nil)
        let standbyOnly = keywords.merging(["target_session_attrs": "standby"]) { $1 }
        #expect(await refusal(server.settings("monitor", standbyOnly))?.errorClass == .network)
        let wrong = keywords.merging(["password": "wrong one"]) { $1 }
        #expect(await refusal(server.settings("monitor", wrong))?.errorClass == .auth)
    }

    @Test("a role without a free connection is too many connections", arguments: TestServers.all)
    func tooMany(server: TestServers.Server) async throws {
        try await server.withSuperuser { owner async throws in
            _ = try await owner.rows("CREATE ROLE single LOGIN PASSWORD 'single' CONNECTION LIMIT 1")
            try await server.withConnection(server.settings("single")) { _ async throws in
                let error = try #require(await refusal(server.settings("single")))
                #expect(error.errorClass == .tooManyConnections)
                #expect(error.sqlstate == "53300")
            }
            _ = try await owner.rows("DROP ROLE single")
        }
    }

    @Test("any password works by keyword, in a URI and in pairs", arguments: TestServers.newest)
    func oddPasswords(server: TestServers.Server) async throws {
        var passwords = [
            "a b", "'", #"\"#, #"\'"#, "@:/?#[]&=+%", "%41", "{}", "=", "p@ss/w:rd?", " leading", "trailing ", "\u{FC}",
            "\u{65E5}\u{672C}", "\u{1F511}", "--; DROP", "\"", "$x$",
        ]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<10 {
            let scalars = (0..<12).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0x21...0x2FFF, using: &generator))
            }
            // A zero byte cannot be in one, nor unassigned characters that SASLprep forbids.
            passwords.append(
                String(String.UnicodeScalarView(scalars.filter { $0.properties.isAlphabetic || $0.isASCII })))
        }
        try await server.withSuperuser { owner async throws in
            _ = try await owner.rows("CREATE ROLE odd LOGIN")
            for password in passwords where !password.isEmpty {
                let quoted = password.replacing("'", with: "''")
                let literal = password.contains("\\") ? "E'\(quoted.replacing("\\", with: #"\\"#))'" : "'\(quoted)'"
                _ = try await owner.rows("ALTER ROLE odd PASSWORD \(literal)")
                #expect(await refusal(server.settings("odd", ["password": password])) == nil, "\(password)")
                let encoded = password.utf8.map { byte in
                    let hex = String(byte, radix: 16, uppercase: true)
                    return "%" + (hex.count == 1 ? "0" + hex : hex)
                }.joined()
                let pair = password.replacing("\\", with: #"\\"#).replacing("'", with: #"\'"#)
                for text in [
                    "postgresql://odd:\(encoded)@127.0.0.1:\(server.port)/postgres",
                    "host=127.0.0.1 port=\(server.port) user=odd dbname=postgres password='\(pair)'",
                ] {
                    let keywords = try ConnectionString.parse(text)
                    #expect(keywords["password"] == password)
                    #expect(await refusal(ConnectionSettings(keywords: keywords)) == nil, "\(password)")
                }
                let wrong = try #require(await refusal(server.settings("odd", ["password": password + "x"])))
                #expect(wrong.errorClass == .auth)
                if password.utf8.count >= 8 { #expect(!"\(wrong)".contains(password)) }
            }
            _ = try await owner.rows("DROP ROLE odd")
        }
    }

    @Test("a role without privileges can do what needs none", arguments: TestServers.all)
    func plainRole(server: TestServers.Server) async throws {
        try await server.withConnection(server.settings("plain")) { connection async throws in
            let outcomes = await connection.run(
                [
                    .test("SELECT 1"), .test("SELECT * FROM pg_authid", step: 1),
                    .test("SELECT * FROM pg_ls_waldir()", step: 2), .test(DatabasesQuery.sql, step: 3),
                ], into: TestSink())
            #expect(outcomes.map { $0.error?.errorClass } == [nil, .permission, .permission, nil])
        }
    }
}
