import Glibc
import Sonde
import Synchronization
import Testing

@testable import SondePostgres

@Suite("What a server may ask for")
struct PasswordPolicyTests {
    /// What is added, as libpq 15 and 17 get it.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var own: [String: String] = [:]
        var environment: String?
        var hasPassword = true
        var older: [String: String] = [:]
        var newer: [String: String] = [:]

        var testDescription: String { name }
    }

    private static let remote = ["host": "db.example", "sslmode": "prefer"]

    private static func remote(_ more: [String: String]) -> [String: String] { remote.merging(more) { $1 } }

    private static let cases = [
        Case(
            name: "another machine", own: remote, older: ["channel_binding": "require"],
            newer: ["require_auth": "!password,!md5"]),
        Case(
            name: "another machine, no password", own: remote, hasPassword: false,
            newer: ["require_auth": "!password,!md5"]),
        Case(name: "this machine", own: ["host": "127.0.0.1"]),
        Case(name: "verify-full", own: remote(["sslmode": "verify-full"])),
        Case(
            name: "verify-ca", own: remote(["sslmode": "verify-ca"]), older: ["channel_binding": "require"],
            newer: ["require_auth": "!password,!md5"]),
        Case(name: "Kerberos", own: remote(["gssencmode": "require"])),
        Case(
            name: "a binding of the user's", own: remote(["channel_binding": "prefer"]),
            newer: ["require_auth": "!password,!md5"]),
        Case(name: "anything", own: remote(["require_auth": ""]), newer: ["require_auth": ""]),
        Case(
            name: "md5", own: remote(["require_auth": "md5,scram-sha-256"]),
            newer: ["require_auth": "md5,scram-sha-256"]),
        Case(
            name: "SCRAM on this machine", own: ["require_auth": "scram-sha-256"],
            older: ["channel_binding": "require"],
            newer: ["require_auth": "scram-sha-256"]),
        Case(
            name: "no clear text", own: remote(["require_auth": "!password"]), newer: ["require_auth": "!password"]),
        Case(
            name: "neither", own: remote(["require_auth": "!md5, !password"]), older: ["channel_binding": "require"],
            newer: ["require_auth": "!md5, !password"]),
        Case(name: "PGREQUIREAUTH", own: remote, environment: "password", newer: ["require_auth": "password"]),
    ]

    @Test(
        "another machine gets a password only by SCRAM, unless it is made sure of or the user says otherwise",
        arguments: cases)
    func policy(_ test: Case) {
        for (version, expected) in [(150_018, test.older), (170_004, test.newer)] {
            let policy = PasswordPolicy(
                test.own, EffectiveKeywords(values: test.own), version: version, environment: test.environment,
                mayHavePassword: { test.hasPassword })
            #expect(policy.keywords == expected, "\(version)")
        }
    }

    @Test(
        "where a server is",
        arguments: [
            ([:], true), (["host": "/run/postgresql"], true), (["host": "@abstract"], true),
            (["host": "localhost"], true), (["host": "127.1.2.3"], true), (["host": "::1"], true),
            (["host": "db"], false), (["host": "127.db.example"], false), (["host": "0.0.0.0"], false),
            (["host": "127.0.0.1,db"], false), (["host": "127.0.0.1,localhost,/tmp"], true),
            (["host": "localhost", "hostaddr": "192.0.2.1"], false), (["host": "db", "hostaddr": "127.0.0.1"], true),
            (["host": "a,b", "hostaddr": "127.0.0.1,"], false), (["hostaddr": ","], true),
        ] as [([String: String], Bool)])
    func place(_ keywords: [String: String], _ isLocal: Bool) {
        #expect(EffectiveKeywords(values: keywords).isLocal == isLocal, "\(keywords)")
    }

    @Test("a service's keywords count, without a connection", .timeLimit(.minutes(1)))
    func service() async throws {
        try await withServiceFile("[there]\nhost=192.0.2.1\nsslmode=verify-ca\n[here]\nhost=/tmp\n") { path in
            func keywords(_ name: String, _ more: [String: String] = [:]) -> EffectiveKeywords {
                EffectiveKeywords(["service": name, "servicefile": path].merging(more) { $1 })
            }
            guard EffectiveKeywords.known().contains("servicefile") else { return }
            #expect(!keywords("there").isLocal && keywords("there").sslMode == "verify-ca")
            #expect(keywords("here").isLocal)
            #expect(keywords("there", ["host": "localhost", "target_session_attrs": "any"]).isLocal)
        }
    }

    private func withServiceFile(_ text: String, _ body: (String) async throws -> Void) async throws {
        let path = "/tmp/pgsonde-service-\(UInt32.random(in: 0 ... .max))"
        guard let file = unsafe fopen(path, "w") else { return }
        unsafe fputs(text, file)
        unsafe fclose(file)
        defer { unsafe unlink(path) }
        try await body(path)
    }

    @Test("a server in another's place gets no password, however it asks", arguments: [3, 5])
    func impostor(method: UInt8) async throws {
        let heard = Mutex<[UInt8]>([])
        let server = FakeServer { peer in
            _ = peer.receive()
            peer.send(peer.message("R", [0, 0, 0, method] + (method == 5 ? [1, 2, 3, 4] : [])))
            while let more = peer.receive() { heard.withLock { $0 += more } }
        }
        var keywords = server.keywords
        // The way to ourselves, but no address of this machine's by its looks.
        keywords["host"] = "0.0.0.0"
        let connection = Connection(ConnectionSettings(keywords: keywords))
        let error = await #expect(throws: PostgresError.self) { try await connection.open(within: .seconds(10)) }
        #expect(error?.errorClass == .auth)
        #expect(error?.hint?.contains("only by SCRAM") == true, "\(error?.description ?? "")")
        await connection.close(within: .seconds(1))
        #expect(heard.withLock { $0 }.isEmpty, "not even a hash")

        keywords["require_auth"] = ""
        let trusting = Connection(ConnectionSettings(keywords: keywords))
        _ = try? await trusting.open(within: .seconds(1))
        await trusting.close(within: .seconds(1))
        #expect(heard.withLock { !$0.isEmpty }, "the user may have it otherwise")
    }
}
