import Foundation
import Testing

/// The guarded listener as strangers meet it: another program's TLS and HTTP, by Python.
@Suite(.enabled(if: TestServers.all.contains { $0.ca != nil }))
struct WebSecurityTests {
    /// Of "open sesame", at the cost of 10.
    private static let hash = "$2b$10$abcdefghijklmnopqrstuu4SuEsu2LsUrAYUpWQHLMMc4GV5pZTxK"

    /// What the scripts share: one request, with its status, headers and body.
    private static let prelude = """
        import base64, http.client, json, socket, ssl, statistics, subprocess, sys, threading, time
        host, port = sys.argv[1].rsplit(":", 1)
        folder, authority = sys.argv[2], sys.argv[3]

        def context(client=None, **options):
            made = ssl.create_default_context(cafile=authority)
            if client: made.load_cert_chain(client + ".crt", client + ".key")
            for name, value in options.items(): setattr(made, name, value)
            return made

        def ask(user=None, method="GET", path="/metrics", tls=True, **options):
            if tls: made = http.client.HTTPSConnection(host, int(port), timeout=30, context=context(**options))
            else: made = http.client.HTTPConnection(host, int(port), timeout=30)
            headers = {"Authorization": "Basic " + base64.b64encode(user.encode()).decode()} if user else {}
            made.request(method, path, headers=headers)
            answer = made.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()

        """

    private static func run(_ script: String, against daemon: DaemonProcess, authority: String) async throws {
        let result = try await DaemonProgram.run(
            ["-W", "ignore", "-c", prelude + script, daemon.address, daemon.folder.path, authority],
            within: .seconds(120),
            program: "/usr/bin/python3")
        #expect(result.code == 0, "\(result.error.suffix(3_000))\n\(result.output)")
    }

    /// The tests' certificates, by the names that the file below has.
    private static func files(_ text: String) throws -> (authority: String, files: [String: String]) {
        let authority = try #require(TestServers.all.compactMap(\.ca).first)
        let folder = URL(fileURLWithPath: authority).deletingLastPathComponent()
        var files = ["web.yml": text]
        for name in ["ca.crt", "server.crt", "server.key", "client.crt", "client.key"] {
            files[name] = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        }
        return (authority, files)
    }

    @Test(
        "TLS and users: who knows the password gets in, by any HTTP; who guesses costs one processor and learns nothing"
    )
    func users() async throws {
        let (authority, files) = try Self.files(
            """
            tls_server_config:
              cert_file: server.crt
              key_file: server.key
              min_version: TLS12
              max_version: TLS13
              prefer_server_cipher_suites: true
              cipher_suites:
                - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
                - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
            http_server_config:
              http2: false
              headers: {X-Frame-Options: deny, Strict-Transport-Security: max-age=31536000}
            basic_auth_users:
              alice: \(Self.hash)
              bob: \(Self.hash)
            """)
        let arguments = ["--web.config.file={folder}/web.yml"]
        let environment = ["DATA_SOURCE_NAME": "host=/not/there"]
        try await withDaemon(arguments: arguments, environment: environment, files: files) { daemon in
            try await Self.run(
                """
                status, headers, body = ask("alice:open sesame")
                assert status == 200 and b"pg_up 0" in body and headers["x-frame-options"] == "deny", (status, headers)
                status, headers, body = ask("alice:open sesame", method="HEAD")
                assert status == 200 and body == b"" and int(headers["content-length"]) > 1000, (status, headers)
                for who in (None, "alice:", "alice:open", "carol:open sesame", ":open sesame", "alice", "a" * 5000 + ":x"):
                    status, headers, body = ask(who)
                    assert status == 401 and "Basic" in headers["www-authenticate"] and headers["x-frame-options"] == "deny", who
                assert ask("alice:open", path="/")[0] == ask(None, path="/-/ready")[0] == 401

                # HTTP/1.0: no Host, and the connection ends with the answer.
                token = base64.b64encode(b"alice:open sesame").decode()
                with context().wrap_socket(socket.create_connection((host, int(port))), server_hostname=host) as old:
                    old.settimeout(30)
                    old.sendall(f"GET /metrics HTTP/1.0\\r\\nAuthorization: Basic {token}\\r\\n\\r\\n".encode())
                    text = b"".join(iter(lambda: old.recv(65536), b""))
                assert text.split(b" ")[1] == b"200" and b"pg_up 0" in text, text[:200]
                try:
                    context(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1).wrap_socket(
                        socket.create_connection((host, int(port))), server_hostname=host)
                    raise SystemExit("TLS 1.1 was spoken")
                except ssl.SSLError: pass
                # Who forgets the s is told so, and no more.
                status, headers, body = ask("alice:open sesame", tls=False)
                assert status == 400 and len(body) < 200, (status, body)

                # Names that are none take as long as passwords that are wrong.
                def time_of(who):
                    began = time.monotonic()
                    assert ask(who)[0] == 401
                    return time.monotonic() - began
                known, unknown = ([time_of(f"{name}:wrong{number}") for number in range(9)] for name in ("bob", "nobody"))
                ratio = statistics.median(known) / statistics.median(unknown)
                assert 1 / 3 < ratio < 3, (known, unknown)

                # Guesses queue eight deep, and who is known waits for none of them.
                codes = []
                def guess(number): codes.append(ask(f"bob:{number}")[0])
                guesses = [threading.Thread(target=guess, args=(number,)) for number in range(60)]
                for one in guesses: one.start()
                seen = [ask("alice:open sesame")[0] for _ in range(5)]
                for one in guesses: one.join()
                assert seen == [200] * 5, seen
                assert set(codes) <= {401, 503} and codes.count(503) > 0 and codes.count(401) >= 9, codes
                """, against: daemon, authority: authority)
            let page = try await Self.page(daemon, authority)
            #expect(page.contains("pgsonde_web_refused_total") || page.contains("pgsonde_web_"))
            #expect(!daemon.log.contains("sesame"))

            // A new certificate is there within seconds.
            try await Self.run(
                """
                def served():
                    return ssl.get_server_certificate((host, int(port)))
                before = served()
                subprocess.run(["openssl", "req", "-x509", "-days", "9", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-keyout", folder + "/new.key", "-out", folder + "/new.crt", "-subj", "/CN=new"], check=True, capture_output=True)
                for kind in ("key", "crt"):
                    open(folder + "/server." + kind, "w").write(open(folder + "/new." + kind).read())
                for _ in range(300):
                    if served() != before: break
                    time.sleep(0.1)
                else: raise SystemExit("still the old certificate")
                """, against: daemon, authority: authority)
        }
    }

    /// The page, for who has the password.
    private static func page(_ daemon: DaemonProcess, _ authority: String) async throws -> String {
        try await DaemonProgram.run(
            [
                "-c", prelude + "print(ask('alice:open sesame')[2].decode())", daemon.address, daemon.folder.path,
                authority,
            ],
            program: "/usr/bin/python3"
        ).output
    }

    @Test("client certificates: only those of the authority get in")
    func clients() async throws {
        let (authority, files) = try Self.files(
            """
            tls_server_config:
              cert_file: server.crt
              key_file: server.key
              client_auth_type: RequireAndVerifyClientCert
              client_ca_file: ca.crt
            """)
        let arguments = ["--web.config.file={folder}/web.yml"]
        let environment = ["DATA_SOURCE_NAME": "host=/not/there"]
        try await withDaemon(arguments: arguments, environment: environment, files: files) { daemon in
            #expect(!daemon.log.contains("everyone who can reach"), "it is closed")
            try await Self.run(
                """
                assert ask(client=folder + "/client")[0] == 200
                subprocess.run(["openssl", "req", "-x509", "-days", "9", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-keyout", folder + "/own.key", "-out", folder + "/own.crt", "-subj", "/CN=certified"], check=True, capture_output=True)
                for client in (None, folder + "/own"):
                    try: raise SystemExit(f"{client} got {ask(client=client)[0]}")
                    except (ssl.SSLError, http.client.HTTPException, OSError): pass
                """, against: daemon, authority: authority)
        }
    }

    @Test("a rate limit lets its burst through, then few; what is open is warned of; a dear hash is refused")
    func limits() async throws {
        let (authority, files) = try Self.files("rate_limit: {interval: 20s, burst: 3}\n")
        let environment = ["DATA_SOURCE_NAME": "host=/not/there"]
        try await withDaemon(
            arguments: ["--web.config.file={folder}/web.yml"], environment: environment, files: files,
            listen: "0.0.0.0:0"
        ) { daemon in
            #expect(daemon.log.contains("everyone who can reach this address"))
            try await Self.run(
                """
                host = "127.0.0.1"
                codes = [ask(tls=False)[0] for _ in range(10)]
                assert codes[:3] == [200] * 3 and codes.count(429) >= 6, codes
                assert int(ask(tls=False)[1]["retry-after"]) > 0
                """, against: daemon, authority: authority)
        }
        let dear = "basic_auth_users:\n  alice: \(Self.hash.replacing("$10$", with: "$15$"))\n"
        let refused = try await DaemonProgram.run(
            ["check", "--web.config.file={folder}/web.yml"], environment: environment, files: ["web.yml": dear])
        #expect(
            refused.code == 1 && refused.error.contains("web.yml:2:10:") && refused.error.contains("14"),
            "\(refused.error)")
    }
}
