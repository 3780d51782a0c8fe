import Foundation
import Testing

/// `pgsonde doctor` on real servers: in health, and with the faults that people have.
@Suite(.enabled(if: TestServers.isAvailable))
struct DoctorTests {
    private static func doctor(
        _ keywords: String, _ words: [String] = [], password: String = "monitor"
    ) async throws -> DaemonProgram.Result {
        try await DaemonProgram.run(
            ["doctor"] + words, environment: ["DATA_SOURCE_NAME": keywords, "PGPASSWORD": password])
    }

    @Test(
        "all is well for a role with pg_monitor, and what needs more is named with its GRANT",
        arguments: TestServers.all)
    func well(_ server: TestServers.Server) async throws {
        let place = "host=\(server.host) port=\(server.port) dbname=postgres"
        let result = try await Self.doctor("\(place) user=monitor")
        #expect(result.code == 0 && result.output.hasSuffix("all is well\n"), "\(result.output)\(result.error)")
        #expect(result.output.contains("PostgreSQL \(server.major)."))
        #expect(result.output.contains("GRANT SELECT ON pg_file_settings TO \"monitor\""))
        #expect(result.output.contains("to mend it: ALTER ROLE \"monitor\" CONNECTION LIMIT 4"))
        // A collector that is asked for and cannot be had is a fault.
        let asked = try await Self.doctor("\(place) user=monitor", ["--collector.file_settings"])
        #expect(asked.code == 1 && asked.output.contains("WRONG: file_settings: needs SELECT ON pg_file_settings"))
        let plain = try await Self.doctor("\(place) user=plain", password: "plain")
        #expect(plain.code == 1 && plain.output.contains("to mend it: GRANT pg_monitor TO \"plain\""))
        #expect(!plain.output.contains("pg_ls_waldir") && plain.output.contains("prepare-db --role plain --with "))
        let wrong = try await Self.doctor("\(place) user=monitor", password: "hunter2hunter2")
        #expect(wrong.code == 1 && wrong.output.contains("password_file"), "\(wrong.output)")
        let words = wrong.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.split(separator: "password authentication failed").count == 2, "said once: \(wrong.output)")
        let nobody = try await Self.doctor("\(place) user=no_such_role", password: "hunter2hunter2")
        #expect(nobody.code == 1 && nobody.output.contains("pgsonde prepare-db --role no_such_role"))
        #expect(!(wrong.output + wrong.error + nobody.output).contains("hunter2"))
    }

    @Test("a right that is missing in one database only is named with its GRANT, for that database")
    func gap() async throws {
        let server = try #require(TestServers.all.last)
        let (role, databases) = ("doctor_gap", ["doctor_gap_a", "doctor_gap_b"])
        defer {
            for database in databases {
                _ = try? Shell.psql(server, "DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
            }
            _ = try? Shell.psql(server, "DROP ROLE IF EXISTS \(role)")
        }
        try Shell.psql(server, "CREATE ROLE \(role) LOGIN IN ROLE pg_monitor PASSWORD 'x'")
        for database in databases {
            try Shell.psql(server, "CREATE DATABASE \(database)")
            try Shell.psql(server, "CREATE SEQUENCE s", database: database)
        }
        try Shell.psql(server, "GRANT SELECT ON SEQUENCE s TO \(role)", database: databases[0])
        let place = "host=\(server.host) port=\(server.port) dbname=\(databases[0]) user=\(role)"
        let result = try await Self.doctor(place, password: "x")
        #expect(result.code == 0, "\(result.output)\(result.error)")
        let lines = result.output.split(separator: "\n").map { $0.drop { $0 == " " } }
        #expect(lines.contains { $0.hasPrefix("not there: sequence_usage: shows a part only: needs SELECT ON ALL") })
        let mends = lines.filter { $0.hasPrefix("to mend it: in database") && $0.contains("SEQUENCES") }
        #expect(
            mends.contains { $0.contains(databases[1]) } && !mends.contains { $0.contains(databases[0]) }, "\(mends)")
        // Who asks for it is to have it everywhere.
        let asked = try await Self.doctor(place, ["--collector.sequence_usage"], password: "x")
        #expect(asked.code == 1 && asked.output.contains("WRONG: sequence_usage: shows a part only: needs"))
    }

    @Test("the JSON of a bug report has neither secrets nor names of roles, databases and servers in it")
    func redacted() async throws {
        let server = try #require(TestServers.all.last)
        let database = "secret_shop_\(UInt32.random(in: 0...999))"
        try Shell.psql(server, "CREATE DATABASE \(database)")
        defer { _ = try? Shell.psql(server, "DROP DATABASE \(database) WITH (FORCE)") }
        let place = "host=\(server.host) port=\(server.port) dbname=\(database) user=plain"
        let result = try await Self.doctor("\(place) password=hunter2", ["--json"])
        for code in [result, try await Self.doctor("\(place) password=plain", ["--json"])] {
            #expect(code.code == 1)
            let document = try JSONSerialization.jsonObject(with: Data(code.output.utf8)) as? [String: Any]
            #expect(document?["well"] as? Bool == false)
            let servers = try #require(document?["servers"] as? [[String: Any]])
            #expect(servers.count == 1 && (servers[0]["findings"] as? [Any])?.isEmpty == false)
            for secret in [database, "hunter2", "\"plain\"", "plain\\\""] {
                #expect(!code.output.contains(secret), "\(secret)")
            }
        }
        // Whoever names the host and the role; and a server's name within another word is no name.
        let named = try await DaemonProgram.run(
            ["doctor", "--json", "--config.file={folder}/pgsonde.yaml"],
            environment: [
                "PGHOST": "db7.secret.example", "PGHOSTADDR": server.host, "PGPORT": "\(server.port)",
                "PGUSER": "plain",
                "SECRET": "plain",
            ],
            files: [
                "pgsonde.yaml": """
                servers:
                  - name: pass
                    dbname: \(database)
                    password_env: SECRET
                    databases: {include: [secret_*]}
                    libpq: {passfile: /home/alice/.pgpass, options: -c my.token=hunter2}
                """
            ])
        #expect(named.code == 1 && named.output.contains("GRANT pg_monitor TO"), "\(named.output)\(named.error)")
        #expect(named.output.contains("password_env: SECRET"))
        for secret in [database, "hunter2", "plain", "secret.example", "alice", "secret_", "name: pass"] {
            #expect(!named.output.contains(secret), "\(secret): \(named.output)")
        }
        let broken = try await DaemonProgram.run(["doctor", "--json", "--config.file=/no/such/file"])
        #expect(broken.code == 1 && broken.output.contains("\"well\": false"), "\(broken.output)\(broken.error)")
        #expect(try await DaemonProgram.run(["doctor", "--jsn"]).code == 2)
    }

    @Test("through a pooler that is not said to be one, the advice is to say so")
    func pooler() async throws {
        guard let pooler = TestServers.all.compactMap(\.pgbouncer).first else { return }
        let place = "host=\(pooler.host) port=\(pooler.port) user=monitor dbname=postgres"
        let result = try await Self.doctor(place)
        #expect(result.code == 1 && result.output.contains("pooled: true"), "\(result.output)")
    }
}
