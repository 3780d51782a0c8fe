import Foundation
import Testing

/// `pgsonde prepare-db` on real servers, with the worst names there are.
@Suite(.enabled(if: TestServers.isAvailable))
struct PrepareTests {
    private static let role = #"we"ird'$pgsonde$\x"#
    private static let database = #"d"b'\ = $pgsonde$"#
    private static let password = #"p"w'\ä ½"#

    private static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
    private static func literal(_ text: String) -> String {
        "E'\(text.replacing("\\", with: "\\\\").replacing("'", with: "''"))'"
    }

    private static func administrator(_ server: TestServers.Server) -> String {
        "host=\(server.socketDir) port=\(server.port) user=postgres dbname=postgres"
    }

    private static func drop(_ server: TestServers.Server) {
        _ = try? Shell.psql(server, "DROP DATABASE IF EXISTS \(quoted(database)) WITH (FORCE)")
        _ = try? Shell.psql(server, "DROP OWNED BY \(quoted(role))")
        _ = try? Shell.psql(server, "DROP ROLE IF EXISTS \(quoted(role))")
    }

    /// What the role has, as one text.
    private static func state(_ server: TestServers.Server) throws -> String {
        try Shell.psql(
            server,
            """
            SELECT rolcanlogin, rolsuper, rolconnlimit, rolconfig,
            (SELECT array_agg(g.rolname ORDER BY g.rolname) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
            WHERE m.member = r.oid), (SELECT datacl FROM pg_database WHERE datname = \(literal(database)))
            FROM pg_roles r WHERE rolname = \(literal(role))
            """)
    }

    @Test("a role is made, completed, and found complete, by the command as by its script", arguments: TestServers.all)
    func prepares(_ server: TestServers.Server) async throws {
        Self.drop(server)
        defer { Self.drop(server) }
        try Shell.psql(server, "CREATE DATABASE \(Self.quoted(Self.database))")
        try Shell.psql(server, "REVOKE CONNECT ON DATABASE \(Self.quoted(Self.database)) FROM PUBLIC")
        try Shell.psql(server, "CREATE SEQUENCE s", database: Self.database)
        // Not every server that can be had comes with the extension.
        let statements = server.statements ? ["--collector.statement"] : []
        let words =
            [
                "prepare-db", Self.administrator(server), "--role", Self.role, "--with", "bloat,sequences,files",
            ] + statements
        let script = try await DaemonProgram.run(words + ["--print"])
        #expect(script.code == 0, "\(script.error)")
        var states: Set<String> = []
        for _ in 0..<2 {
            let result = try await DaemonProgram.run(
                words + ["--password-file", "{folder}/p"], files: ["p": Self.password + "\n"])
            #expect(result.code == 0, "\(result.output)\(result.error)")
            #expect(!result.output.contains("failed") && !result.output.contains("refused"), "\(result.output)")
            #expect(!result.output.contains(Self.password))
            states.insert(try Self.state(server))
        }
        #expect(states.count == 1)
        let verifier = try Shell.psql(
            server, "SELECT rolpassword FROM pg_authid WHERE rolname = \(Self.literal(Self.role))")
        #expect(verifier.hasPrefix("SCRAM-SHA-256$"))
        let log = try String(contentsOfFile: server.log, encoding: .utf8)
        #expect(!log.contains(Self.password) && !log.contains(verifier.trimmingCharacters(in: .whitespacesAndNewlines)))

        // It logs in by that password, and sees what was asked for, there too.
        let once = try await DaemonProgram.run(
            ["once", "--config.file={folder}/c", "--collector.table_bloat"] + statements,
            environment: ["PGPASSWORD": Self.password],
            files: [
                "c": """
                servers:
                  - name: main
                    host: \(server.host)
                    port: \(server.port)
                    user: '\(Self.role.replacing("'", with: "''"))'
                    dbname: postgres
                """
            ])
        let page = once.output
        #expect(page.contains("\npg_up 1\n"), "\(once.error)")
        for collector in ["sequence_usage", "table_bloat", "hba_file_rules"] + (server.statements ? ["statement"] : [])
        {
            #expect(
                page.contains("pgsonde_collector_state{collector=\"\(collector)\",state=\"ok\"} 1"), "\(collector)")
        }
        #expect(page.contains("pg_sequence_"))

        // What psql makes of the script is the same.
        try Shell.psql(server, "DROP OWNED BY \(Self.quoted(Self.role))")
        try Shell.psql(server, "DROP OWNED BY \(Self.quoted(Self.role))", database: Self.database)
        try Shell.psql(server, "DROP ROLE \(Self.quoted(Self.role))")
        let psql = try #require(TestServers.shared?.tools.psql)
        for _ in 0..<2 {
            let result = try await DaemonProgram.run(
                ["-X", "-q", "-f", "{folder}/script", Self.administrator(server)], files: ["script": script.output],
                program: psql)
            #expect(result.code == 0, "\(result.error)")
            states.insert(try Self.state(server))
        }
        #expect(states.count == 1, "\(states)")
    }

    @Test("a GRANT that gives nothing, of which the server only warns, is shown and counts as refused")
    func ungranted() async throws {
        let server = try #require(TestServers.all.last)
        let (admin, role) = ("prepare_admin", "prepare_ungranted")
        defer {
            for name in [role, admin] {
                _ = try? Shell.psql(server, "DROP OWNED BY \(name)")
                _ = try? Shell.psql(server, "DROP ROLE IF EXISTS \(name)")
            }
        }
        // It may do itself what it cannot grant.
        try Shell.psql(
            server,
            """
            CREATE ROLE \(admin) LOGIN CREATEROLE PASSWORD 'x'; GRANT pg_monitor TO \(admin) WITH ADMIN OPTION;
            GRANT SELECT ON pg_hba_file_rules TO \(admin); GRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO \(admin)
            """)
        let place = "host=\(server.host) port=\(server.port) user=\(admin) dbname=postgres"
        let words = ["prepare-db", place, "--role", role]
        let plain = try await DaemonProgram.run(words, environment: ["PGPASSWORD": "x"])
        #expect(plain.code == 0, "\(plain.output)\(plain.error)")
        let asked = try await DaemonProgram.run(words + ["--with", "hba_file_rules"], environment: ["PGPASSWORD": "x"])
        #expect(asked.code == 1, "\(asked.output)\(asked.error)")
        for object in ["SELECT ON pg_hba_file_rules", "EXECUTE ON FUNCTION pg_hba_file_rules()"] {
            let line = asked.output.split(separator: "\n").first { $0.contains("GRANT \(object)") }
            #expect(line?.contains("refused  GRANT") == true && line?.contains("no privileges were granted") == true)
        }
    }

    @Test("a sequence of somebody else's costs only itself, and a password that has ended is told")
    func foreign() async throws {
        let server = try #require(TestServers.all.last)
        let (admin, role, database) = ("prepare_owner", "prepare_foreign", "prepare_owned")
        defer {
            _ = try? Shell.psql(server, "DROP DATABASE IF EXISTS \(database) WITH (FORCE)")
            for name in [role, admin] {
                _ = try? Shell.psql(server, "DROP OWNED BY \(name)")
                _ = try? Shell.psql(server, "DROP ROLE IF EXISTS \(name)")
            }
        }
        try Shell.psql(
            server,
            """
            CREATE ROLE \(admin) LOGIN CREATEROLE PASSWORD 'x'; GRANT pg_monitor TO \(admin) WITH ADMIN OPTION;
            CREATE ROLE \(role) LOGIN VALID UNTIL '2001-01-01'
            """)
        try Shell.psql(server, "GRANT \(role) TO \(admin) WITH ADMIN OPTION")
        try Shell.psql(server, "CREATE DATABASE \(database) OWNER \(admin)")
        try Shell.psql(
            server, "CREATE SEQUENCE public.theirs; CREATE SCHEMA z AUTHORIZATION \(admin) CREATE SEQUENCE own",
            database: database)
        try Shell.psql(server, "ALTER SEQUENCE z.own OWNER TO \(admin)", database: database)
        let place = "host=\(server.host) port=\(server.port) user=\(admin) dbname=\(database)"
        let words = ["prepare-db", place, "--role", role, "--with", "sequences"]
        let readable = "SELECT has_sequence_privilege('\(role)', 'z.own', 'SELECT')"
        let result = try await DaemonProgram.run(words, environment: ["PGPASSWORD": "x"])
        #expect(result.code == 1)
        let refusal =
            "refused  all sequences can be read: WARNING: not granted, since it belongs to somebody else: SELECT ON SEQUENCE public.theirs"
        #expect(result.output.contains(refusal), "\(result.output)\(result.error)")
        #expect(result.output.contains("has not been valid since 2001-01-01 00:00:00+00"), "\(result.output)")
        #expect(try Shell.psql(server, readable, database: database).hasPrefix("t"))
        // So it is by the script.
        try Shell.psql(server, "REVOKE SELECT ON SEQUENCE z.own FROM \(role)", database: database)
        let script = try await DaemonProgram.run(words + ["--print"], environment: ["PGPASSWORD": "x"])
        try Shell.psql(server, "SET ROLE \(admin);\n" + script.output, database: database)
        #expect(try Shell.psql(server, readable, database: database).hasPrefix("t"))
    }

    @Test("a limit of connections that is there is raised where it is too low, and never lowered")
    func limits() async throws {
        let server = try #require(TestServers.all.last)
        let role = "prepare_limit"
        defer {
            _ = try? Shell.psql(server, "DROP OWNED BY \(role)")
            _ = try? Shell.psql(server, "DROP ROLE IF EXISTS \(role)")
        }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("deploy/role.sql").path
        let psql = try #require(TestServers.shared?.tools.psql)
        try Shell.psql(server, "CREATE ROLE \(role)")
        for (before, after) in [(50, 50), (-1, -1), (1, 4), (4, 4)] {
            for isScript in [false, true] {
                try Shell.psql(server, "ALTER ROLE \(role) CONNECTION LIMIT \(before)")
                let result =
                    isScript
                    ? try await DaemonProgram.run(
                        ["-Xq", "-v", "role=\(role)", "-f", script, Self.administrator(server)], program: psql)
                    : try await DaemonProgram.run(["prepare-db", Self.administrator(server), "--role", role])
                #expect(result.code == 0, "\(result.output)\(result.error)")
                let limit = try Shell.psql(server, "SELECT rolconnlimit FROM pg_roles WHERE rolname = '\(role)'")
                #expect(
                    Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)) == after,
                    "\(before), script: \(isScript)")
                if !isScript { #expect(result.output.contains("any number of sessions") == (before == -1)) }
            }
        }
    }

    @Test("what must not be the role, and where nothing can be changed, is said and nothing is done")
    func refusals() async throws {
        let server = try #require(TestServers.all.last)
        let administrator = Self.administrator(server)
        for (words, code, text) in [
            (["--role", "postgres"], 1, "is who you are logged in as"),
            (["--role", "pgsonde", "--with", "blot"], 2, "did you mean \"bloat\"?"),
            (["--managed"], 2, "are for --print"),
        ] as [([String], Int32, String)] {
            let result = try await DaemonProgram.run(["prepare-db", administrator] + words)
            #expect(result.code == code && result.error.contains(text), "\(words): \(result.code) \(result.error)")
        }
        let shown = try await DaemonProgram.run(["prepare-db", "postgresql://u:hunter2@\(server.host)/x"])
        #expect(shown.code == 2 && shown.error.contains("command line is seen"), "\(shown.error)")
        #expect(!(shown.error + shown.output).contains("hunter2"))
        let tcp = "host=\(server.host) port=\(server.port) user=postgres dbname=postgres"
        let asked = try await DaemonProgram.run(["prepare-db", tcp])
        #expect(asked.code == 1 && asked.error.contains("no terminal to ask at"), "\(asked.error)")
        guard let standby = TestServers.all.compactMap(\.standby).first else { return }
        let result = try await DaemonProgram.run(
            ["prepare-db", "host=\(standby.host) port=\(standby.port) user=postgres dbname=postgres"],
            environment: ["PGPASSWORD": "postgres"])
        #expect(result.code == 1 && result.error.contains("this is a standby"), "\(result.error)")
    }
}
