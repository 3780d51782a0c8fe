import Glibc
import NIOHTTP1
import Synchronization
import Testing

@testable import SondeDaemon

@Suite("The guard of the listener")
struct WebGuardTests {
    @Test("a password is compared with its hash as htpasswd makes it", arguments: ["$2y$", "$2a$", "$2b$"])
    func hashes(_ prefix: String) throws {
        // htpasswd -nbB -C 4 '' 'pässword', whose prefix names the same algorithm in each case.
        let hash = try PasswordHash(prefix + PasswordHashSamples.password.dropFirst(4))
        #expect(hash.cost == 4)
        #expect(hash.matches(Array("pässword".utf8)))
        for wrong in ["", "passwort", "pässword\0", "pässword\0x", String(repeating: "a", count: 600)] {
            #expect(!hash.matches(Array(wrong.utf8)))
        }
        #expect(!PasswordHash.decoy(cost: 4).matches(Array("pässword".utf8)))
    }

    @Test(
        "credentials are read as RFC 7617 writes them, and nothing else is",
        arguments: [
            ("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame"), ("basic dTpw", "u", "p"),
            ("BASIC  dTp3aXRoOmNvbG9u", "u", "with:colon"), ("Basic OnA=", "", "p"), ("Basic dTo", "u", ""),
        ])
    func credentials(_ header: String, _ user: String, _ password: String) {
        let read = BasicCredentials(["Authorization": header])
        #expect(read == BasicCredentials(user: Array(user.utf8), password: Array(password.utf8)))
    }

    @Test(
        "what is no credentials is none",
        arguments: [
            [], ["Basic"], ["Bearer dTpw"], ["Basic dXA="], ["Basic d"], ["Basic dT_w"], ["Basic dTpw", "Basic dTpw"],
            ["Basic dTpw x"], ["Basic dToAcA=="], ["Basic " + String(repeating: "dTpw", count: 500)], ["Basic dTpw==="],
        ])
    func noCredentials(_ values: [String]) {
        #expect(BasicCredentials(HTTPHeaders(values.map { ("Authorization", $0) })) == nil)
    }

    @Test("a bucket lets its burst through, and then one an interval, and never saves more than its burst")
    func bucket() {
        var bucket = TokenBucket(interval: .seconds(1), burst: 2)
        let start = ContinuousClock.now
        let taken = [0, 0, 0, 0.9, 1.1, 1.2, 100, 100, 100].map { bucket.take(at: start + .seconds($0)) }
        #expect(taken == [true, true, false, false, true, false, true, true, false])
    }

    @Test("only the right password of a configured user gets in")
    func users() async throws {
        let users = BasicUsers([Array("alice".utf8): try PasswordHash(PasswordHashSamples.password)])
        for (name, password, verdict) in [
            ("alice", "pässword", BasicUsers.Verdict.allowed), ("alice", "pässword", .allowed),
            ("alice", "x", .refused),
            ("bob", "pässword", .refused), ("alice", "pässword", .allowed), ("Alice", "pässword", .refused),
        ] {
            let credentials = BasicCredentials(user: Array(name.utf8), password: Array(password.utf8))
            #expect(await users.verify(credentials) == verdict, "\(name) \(password)")
        }
    }

    @Test("who waits beyond the eighth is turned away, and who is known waits for nobody")
    func queue() async throws {
        let verifier = PasswordVerifier()
        let users = BasicUsers(
            [Array("alice".utf8): try PasswordHash(PasswordHashSamples.password)], verifier: verifier)
        let alice = BasicCredentials(user: Array("alice".utf8), password: Array("pässword".utf8))
        #expect(await users.verify(alice) == .allowed)
        let gate = Gate()
        try await withThrowingTaskGroup(of: Bool?.self) { group in
            for _ in 0...PasswordVerifier.depth {
                group.addTask {
                    await verifier.run {
                        while gate.isClosed.withLock({ $0 }) { usleep(1_000) }
                        return true
                    }
                }
            }
            while !verifier.isFull { try await Task.sleep(for: .milliseconds(1)) }
            #expect(await users.verify(BasicCredentials(user: [1], password: [2])) == .busy)
            #expect(await users.verify(alice) == .allowed)
            gate.isClosed.withLock { $0 = false }
            for try await result in group { #expect(result == true) }
        }
        #expect(await users.verify(BasicCredentials(user: [1], password: [2])) == .refused)
    }

    @Test("requests go through the limit, then the users, then to the handler; every answer has the headers")
    func answers() async throws {
        let text = """
            basic_auth_users: {alice: \(PasswordHashSamples.password)}
            http_server_config: {headers: {X-Frame-Options: deny}}
            rate_limit: {interval: 1h, burst: 3}
            """
        var configuration: WebConfiguration?
        try withWeb(text) { configuration = try WebConfigurationFile.read("\($0)/web.yml") }
        let security = WebGuard(configuration)
        var statuses: [UInt] = []
        for header in ["", "Basic YWxpY2U6eA==", "Basic YWxpY2U6cMOkc3N3b3Jk", "Basic YWxpY2U6cMOkc3N3b3Jk"] {
            let request = HTTPRequest(method: .GET, uri: "/metrics", headers: ["Authorization": header])
            let response = await security.answer(request, by: HTTPTestServer.echo)
            statuses.append(response.status.code)
            #expect(response.headers["X-Frame-Options"] == ["deny"])
            #expect(response.headers.contains(name: "WWW-Authenticate") == (response.status == .unauthorized))
        }
        #expect(statuses == [401, 401, 200, 429])
        #expect(security.refusals == WebGuard.Refusals(authentication: 2, rate: 1, busy: 0))
    }

    @Test("a file that changes for the better is taken at once; one that is wrong, or opens what was closed, is not")
    func reloads() throws {
        let users = "basic_auth_users: {alice: \(PasswordHashSamples.password)}\n"
        let tls = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"
        try withWeb(tls + users) { folder in
            let path = "\(folder)/web.yml"
            let security = WebGuard(try WebConfigurationFile.read(path))
            for (text, problem) in [
                (tls + users + "rate_limit: {interval: 1s, burst: 1}\n", nil), (tls, "there is no basic_auth_users"),
                (users, "there is no tls_server_config"), ("", "there is no tls_server_config"),
                ("tls_server_config: {cert_file: server.crt", "web.yml:"), (tls + users, nil),
            ] {
                try rewrite(path, text)
                if let problem {
                    #expect(told { try security.reload() }.joined().contains(problem))
                    #expect(!security.isCurrent)
                } else {
                    try security.reload()
                    #expect(security.isCurrent)
                }
                #expect(security.tls != nil)
                #expect(security.configuration.users.count == 1)
            }
        }
    }

    @Test("a file that asks less of clients' certificates than before is not taken, be it that its end is missing")
    func clients() throws {
        let tls = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
        let type = "  client_auth_type: RequireAndVerifyClientCert\n"
        let authority = "  client_ca_file: client_selfsigned.pem\n"
        let names = "  client_allowed_sans: [a.example]\n"
        try withWeb(tls + type + authority + names) { folder in
            let security = WebGuard(try WebConfigurationFile.read("\(folder)/web.yml"))
            for (text, loss) in [
                (tls + type + authority, "client_allowed_sans"), (tls + type + names, "client_ca"),
                (tls, "RequireAndVerifyClientCert"),
            ] {
                try rewrite("\(folder)/web.yml", text)
                #expect(told { try security.reload() }.joined().contains("there is no \(loss) in it any more"))
                #expect(security.tls?.clientNames == ["a.example"])
            }
            try rewrite("\(folder)/web.yml", tls + type + authority + names.replacing("a.ex", with: "b.ex"))
            try security.reload()
            #expect(security.tls?.clientNames == ["b.example"])
        }
        try withWeb(tls + type.replacing("RequireAndVerify", with: "RequireAny")) { folder in
            let security = WebGuard(try WebConfigurationFile.read("\(folder)/web.yml"))
            try rewrite("\(folder)/web.yml", tls)
            #expect(told { try security.reload() }.joined().contains("there is no client_auth_type in it any more"))
        }
    }

    private func rewrite(_ path: String, _ text: String) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_TRUNC)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard unsafe write(descriptor, bytes, bytes.count) == bytes.count else { throw ConfigTestFailure("write") }
    }
}

/// What a held comparison waits for.
private final class Gate: Sendable {
    let isClosed = Mutex(true)
}

/// Hashes as `htpasswd` makes them.
enum PasswordHashSamples {
    /// Of `pässword`, at the least cost.
    static let password = "$2y$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG"
}
