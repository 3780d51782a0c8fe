import Foundation
import SondePostgres
import Testing

/// When the certificate of a server ends, which pgsonde reads by libpq's own OpenSSL.
@Suite(.enabled(if: TestServers.isAvailable))
struct ServerCertificateTests {
    @Test("the end of the server's certificate is known over TLS, and follows a new one at the next login")
    func ends() async throws {
        try await FaultServer.with { fault in
            guard fault.server.ca != nil else { return }
            let first = try Self.end(of: fault)
            try await fault.server.withConnection { connection in #expect(connection.certificateNotAfter == first) }
            try await fault.server.withConnection(fault.server.settings("monitor", ["sslmode": "disable"])) {
                connection in #expect(connection.certificateNotAfter == nil)
            }
            let plain = FaultConfiguration.server(fault, name: "plain", more: "sslmode: disable")
            let text = FaultConfiguration(servers: [FaultConfiguration.server(fault), plain], onlyFast: true).text
            let name = "pgsonde_server_certificate_not_after_timestamp_seconds"
            try await withDaemon(text) { daemon in
                try await daemon.page("both are up") { $0.samples("pg_up").allSatisfy { $0.value == 1 } }
                let page = try await daemon.page()
                #expect(page.samples(name).map(\.value) == [first] && page.value(name, ["server": "main"]) == first)
                try await Self.renew(fault, days: 20)
                let second = try Self.end(of: fault)
                try #require(second < first)
                try await fault.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'monitor'")
                try await daemon.page("the new one's end is shown") { $0.value(name, ["server": "main"]) == second }
                #expect(try await daemon.page().samples(name).count == 1)
            }
            let place = "host=\(fault.server.host) port=\(fault.server.port) user=monitor dbname=postgres"
            let result = try await DaemonProgram.run(
                ["doctor"], environment: ["DATA_SOURCE_NAME": place, "PGPASSWORD": "monitor"])
            #expect(result.code == 0, "advice is no fault: \(result.output)\(result.error)")
            #expect(result.output.contains("advice: the server's certificate ends in 19 d"), "\(result.output)")
            #expect(result.output.contains("a new file in the place of ssl_cert_file"))
        }
    }

    @Test("the end of the certificate that we log in by is known, and only where there is one")
    func client() async throws {
        let server = try #require(TestServers.all.last)
        guard let certificate = server.clientCert, let key = server.clientKey else { return }
        let end = try Self.end(of: certificate)
        let place = "host: \(server.host)\n    port: \(server.port)\n    dbname: postgres\n"
        let text = """
            servers:
              - name: certified
                \(place)    user: certified
                libpq: {sslcert: '\(certificate)', sslkey: '\(key)'}
              - name: password
                \(place)    dsn: user=monitor password=monitor

            """
        let name = "pgsonde_client_certificate_not_after_timestamp_seconds"
        try await withDaemon(text) { daemon in
            let page = try await daemon.page("both are up") { page in
                page.samples("pg_up").count == 2 && page.samples("pg_up").allSatisfy { $0.value == 1 }
            }
            #expect(page.samples(name).map(\.value) == [end] && page.value(name, ["server": "certified"]) == end)
            #expect(page.samples("pgsonde_server_certificate_not_after_timestamp_seconds").count == 2)
            #expect(try await daemon.get("/status").text.contains("<dt>our certificate</dt>"))
        }
        let result = try await DaemonProgram.run(["doctor", "--config.file={folder}/c"], files: ["c": text])
        #expect(result.output.components(separatedBy: "our certificate until").count == 2, "\(result.output)")
    }

    /// When the certificate ends that the server has, as openssl reads it.
    private static func end(of fault: FaultServer) throws -> Double {
        try end(of: "\(fault.server.dataDir)/server.crt")
    }

    /// When a certificate ends, as openssl reads it.
    private static func end(of certificate: String) throws -> Double {
        let script = #"date -d "$(openssl x509 -noout -enddate -in "$0" | cut -d= -f2)" +%s"#
        let text = try Shell.run("/bin/sh", ["-c", script, certificate])
        return try #require(Double(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// Gives the server another certificate.
    private static func renew(_ fault: FaultServer, days: Int) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pgsonde-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = (folder.appendingPathComponent("key"), folder.appendingPathComponent("crt"))
        try Shell.run(
            "/usr/bin/env",
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days",
                "\(days)", "-subj", "/CN=localhost", "-keyout", files.0.path, "-out", files.1.path,
            ])
        try fault.write("server.key", try String(contentsOf: files.0, encoding: .utf8))
        try fault.write("server.crt", try String(contentsOf: files.1, encoding: .utf8))
        try await fault.sql("SELECT pg_reload_conf()")
    }
}
