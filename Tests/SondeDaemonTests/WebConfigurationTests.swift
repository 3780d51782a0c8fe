import Glibc
import Testing

@testable import SondeDaemon

/// A web configuration file, and what it means.
struct WebConfigurationCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    /// What is wrong: place and beginning of each problem.
    let problems: [String]

    init(_ description: String, _ text: String, _ problems: [String] = []) {
        testDescription = description
        self.text = text
        self.problems = problems
    }

    /// A file that has a certificate and a key, and something more in that section.
    static func tls(_ description: String, _ more: String, _ problems: [String] = []) -> Self {
        Self(description, "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n" + more, problems)
    }
}

@Suite("Web configuration file")
struct WebConfigurationTests {
    private static let hash10 = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze"

    @Test(
        "what Prometheus' exporter-toolkit takes is taken",
        arguments: [
            WebConfigurationCase("nothing", ""),
            .tls("the toolkit's smallest example", ""),
            .tls(
                "the toolkit's full example",
                """
                basic_auth_users:
                  alice: \(hash10)
                  bob: $2y$10$hLqFl9jSjoAAy95Z/zw8Ye8wkdMBM8c5Bn1ptYqP/AXyV0.oy0S8m
                rate_limit:
                  interval: "1s" # time interval between two requests, set to 0 to disable rate limiter
                  burst: 20 # and permits a burst of up to 20 requests.
                """),
            .tls("every kind of client: none", "  client_auth_type: NoClientCert"),
            .tls("every kind of client: left empty", "  client_auth_type: \"\""),
            .tls("every kind of client: asked", "  client_auth_type: RequestClientCert"),
            .tls("every kind of client: any", "  client_auth_type: \"RequireAnyClientCert\""),
            .tls("every kind of client: any, by its old name", "  client_auth_type: RequireClientCert"),
            .tls("every kind of client: verified if given", "  client_auth_type: VerifyClientCertIfGiven"),
            .tls("every kind of client: verified", "  client_auth_type: RequireAndVerifyClientCert"),
            .tls(
                "client certificates with names",
                """
                  client_auth_type: "RequireAndVerifyClientCert"
                  client_ca_file: "client2_selfsigned.pem"
                  client_allowed_sans:
                    - "one"
                    - "test3"
                """),
            .tls(
                "all ciphers",
                """
                  cipher_suites:
                  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
                  - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
                  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
                  - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
                  - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
                  - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
                  - TLS_AES_128_GCM_SHA256
                  - TLS_AES_256_GCM_SHA384
                  - TLS_CHACHA20_POLY1305_SHA256
                  - TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA
                  - TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA
                  - TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
                  - TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA
                """),
            .tls("ciphers of TLS 1.3 alone", "  cipher_suites: [TLS_AES_128_GCM_SHA256]\n  min_version: TLS13"),
            .tls("all curves", "  curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]"),
            .tls("versions", "  min_version: TLS10\n  max_version: TLS12\n  prefer_server_cipher_suites: false"),
            .tls("only an old version", "  max_version: TLS11"),
            .tls("no HTTP/2", "http_server_config:\n  http2: false"),
            WebConfigurationCase(
                "headers",
                """
                http_server_config:
                  headers:
                    X-Frame-Options: deny
                    Strict-Transport-Security: max-age=31536000; includeSubDomains
                    X-Content-Type-Options: nosniff
                    X-XSS-Protection: 1
                    Content-Security-Policy: "default-src 'self' *.test.example.net"
                """),
            WebConfigurationCase("a header left empty", "http_server_config: {headers: {X-Frame-Options: \"\"}}"),
            WebConfigurationCase("users without TLS", "basic_auth_users:\n  alice: \(hash10)"),
            WebConfigurationCase("a rate limit that is off", "rate_limit:\n  interval: 0\n  burst: 0"),
            WebConfigurationCase(
                "certificate and key in the file",
                "tls_server_config:\n  cert: |\n\(indented(TLSTestFiles.certificate))\n  key: |\n\(indented(TLSTestFiles.key))"
            ),
        ])
    func good(_ file: WebConfigurationCase) throws {
        #expect(problems(of: file.text) == [])
    }

    @Test(
        "a mistake is named by its place",
        arguments: [
            WebConfigurationCase("junk", "hWkNKCp3fvIx3jKnsaBI\nTuEjdwNS8A2vYdFbiKqr", ["1:1: the file is a text"]),
            WebConfigurationCase(
                "a key that there is not", "tls_server_config:\n  cert_filse: server.crt",
                [
                    "2:3: unknown key", "2:3: tls_server_config has no cert_file",
                    "2:3: tls_server_config has no key_file",
                ]),
            WebConfigurationCase(
                "no key", "tls_server_config:\n  cert_file: server.crt", ["2:3: tls_server_config has no key_file"]),
            WebConfigurationCase(
                "an empty name", "tls_server_config:\n  cert_file: ''\n  key_file: server.key",
                ["2:14: cert_file is empty"]),
            WebConfigurationCase(
                "files that are not there", "tls_server_config:\n  cert_file: a.crt\n  key_file: b.key",
                ["2:14: cert_file: FOLDER/a.crt: cannot be opened", "3:13: key_file: FOLDER/b.key: cannot be opened"]),
            WebConfigurationCase(
                "files that hold something else", "tls_server_config:\n  cert_file: empty.pem\n  key_file: server.crt",
                ["2:14: FOLDER/empty.pem: there is no certificate", "3:13: FOLDER/server.crt: there is no private key"]),
            WebConfigurationCase(
                "a key under a password", "tls_server_config:\n  cert_file: server.crt\n  key_file: encrypted.key",
                ["3:13: FOLDER/encrypted.key: the key is encrypted"]),
            WebConfigurationCase(
                "the key of something else", "tls_server_config:\n  cert_file: server.crt\n  key_file: other.key",
                ["3:13: the key is not that of the certificate"]),
            WebConfigurationCase(
                "a certificate twice", "tls_server_config: {cert: x, cert_file: server.crt, key_file: server.key}",
                ["1:27: cert: there is no certificate", "1:41: cert is there already"]),
            .tls("no such client authentication", "  client_auth_type: RequireSomeCert", ["4:21: client_auth_type:"]),
            .tls("authorities for nobody", "  client_ca_file: server.crt", ["4:19: clients are not asked"]),
            .tls(
                "authorities that are none",
                "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: /dev/null",
                ["5:19: /dev/null: there is no certificate"]),
            .tls(
                "names of nobody", "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: [one]",
                ["5:24: only a verified certificate"]),
            .tls("an invented cipher", "  cipher_suites:\n  - TLS_GHOST", ["5:5: there is no cipher suite"]),
            .tls(
                "a weak cipher", "  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]",
                ["4:19: TLS_RSA_WITH_RC4_128_SHA is weak"]),
            .tls(
                "an invented curve", "  curve_preferences: [CurveP257]",
                ["4:23: an item of curve_preferences: there is no curve"]),
            .tls("an invented version", "  min_version: TLS111", ["4:16: min_version:"]),
            .tls(
                "versions the wrong way round", "  min_version: TLS13\n  max_version: TLS12",
                ["5:16: max_version is older"]),
            WebConfigurationCase(
                "headers that cannot be", "http_server_config: {headers: {Content-Type: foo, X-Frame-Options: foo}}",
                ["1:32: the header \"Content-Type\" cannot be set", "1:68: X-Frame-Options is \"foo\""]),
            WebConfigurationCase(
                "a password in the clear", "basic_auth_users:\n  john: doe", ["2:9: \"john\": this is no bcrypt hash"]),
            WebConfigurationCase(
                "a hash that costs too much",
                "basic_auth_users: {bob: $2y$18$4VeFDzXIoPHKnKTU3O3GH.N.vZu06CVqczYZ8WvfzrddFU6tGqjR.}",
                ["1:25: \"bob\": the hash's cost is 18"]),
            WebConfigurationCase(
                "a user with a colon", "basic_auth_users: {\"a:b\": \(hash10)}", ["1:20: a user's name has no colon"]),
            WebConfigurationCase("a limit without a burst", "rate_limit: {interval: 1s}", ["1:24: burst is 0"]),
            WebConfigurationCase("a limit of nothing", "rate_limit: {interval: 1s, burst: 0}", ["1:35: burst is 0"]),
            WebConfigurationCase(
                "an interval without a unit", "rate_limit: {interval: 5, burst: 1}", ["1:24: interval:"]),
        ])
    func bad(_ file: WebConfigurationCase) throws {
        let found = problems(of: file.text)
        #expect(found.count == file.problems.count, "\(found)")
        for (problem, expected) in zip(found, file.problems) { #expect(problem.hasPrefix(expected), "\(problem)") }
    }

    @Test("a secret of the file is never shown")
    func secrets() throws {
        let text = "basic_auth_users:\n  john: hunter2hunter2\ntls_server_config: {key: hunter2hunter2, cert: hunter2}"
        let found = problems(of: text)
        #expect(found.count == 3)
        #expect(!found.joined().contains("hunter2"))
    }

    @Test("what is known to be unwise is said")
    func warnings() throws {
        let text = """
            tls_server_config:
              cert_file: server.crt
              key_file: server.key
              min_version: TLS11
              client_auth_type: RequireAndVerifyClientCert
            http_server_config: {http2: true}
            """
        try withWeb(text) { folder in
            #expect(unsafe chmod("\(folder)/server.key", 0o644) == 0)
            let warnings = try WebConfigurationFile.read("\(folder)/web.yml").warnings
            for part in [
                "server.key: every user can read", "any certificate that an authority", "TLS11 is broken",
                "http2 is ignored",
            ] {
                #expect(warnings.contains { $0.contains(part) }, "\(part)")
            }
        }
    }

    @Test("each way to be open is named, and none where it is not")
    func danger() throws {
        var configuration = WebConfiguration()
        #expect(configuration.danger?.contains("no TLS and no authentication") == true)
        configuration.users = [[1]: try PasswordHash(Self.hash10)]
        #expect(configuration.danger?.contains("in the clear") == true)
        try withWeb(WebConfigurationCase.tls("", "").text) { folder in
            configuration.tls = try WebConfigurationFile.read("\(folder)/web.yml").tls
        }
        #expect(configuration.danger == nil)
        configuration.users = [:]
        #expect(configuration.danger?.contains("everyone who can reach") == true)
    }

    /// The problems of a file beside the test's certificates, without the path before their places.
    private func problems(of text: String) -> [String] {
        var found: [String] = []
        do {
            try withWeb(text) { folder in
                do {
                    _ = try WebConfigurationFile.read("\(folder)/web.yml")
                } catch let error as FileProblems {
                    found = error.problems.map {
                        "\($0)".replacing("\(folder)/web.yml:", with: "").replacing(folder, with: "FOLDER")
                    }
                }
            }
        } catch { found = ["\(error)"] }
        return found
    }
}

/// Makes a folder with a web configuration, `web.yml`, beside the test's certificates.
func withWeb(_ text: String, _ body: (String) throws -> Void) throws {
    try withFolder(TLSTestFiles.all.merging(["web.yml": text]) { $1 }, body)
}

private func indented(_ text: String) -> String {
    text.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
}
