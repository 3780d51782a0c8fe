import Foundation
import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct NameTests {
    /// Names that every layer between the catalogue and the reader of a page could stumble over.
    private static let hard = [
        "a b%'\"c", "back\\slash", "ends in\\", "new\nline", "tab\there", "{a=\"b\",c=}", "emoji 🐘 é ü", "%s %d %n",
        "\\n is not a line",
        "# HELP x y", " ", "\u{1}\u{7F}", String(repeating: "x", count: 63), String(repeating: "🐘", count: 15) + "end",
    ]

    @Test("hard names reach an independent reader as they are")
    func hardNames() async throws {
        let server = try await Self.server("name")
        let database = Self.hard[0]
        let role = "us\"er\\ 🐘{},='\n"
        try await server.sql(
            "CREATE DATABASE \(Self.quoted(database)); CREATE ROLE \(Self.quoted(role)) LOGIN PASSWORD 'x'")
        var script = ""
        for (index, name) in Self.hard.enumerated() {
            let (schema, other) = (Self.quoted("s\(index)" + name.prefix(10)), Self.hard[(index + 1) % Self.hard.count])
            script += """
                CREATE SCHEMA \(schema);
                CREATE TABLE \(schema).\(Self.quoted(name)) (a int);
                CREATE INDEX \(Self.quoted(other)) ON \(schema).\(Self.quoted(name)) (a);

                """
        }
        try await server.sql(script, database: database)
        let psql = try #require(TestServers.shared).tools.psql
        let page = try await DaemonProgram.withFolder { folder in
            let session = try DaemonProgram(
                ["-Xqc", "SELECT pg_sleep(600)"],
                environment: server.environment(database).merging(["PGUSER": role, "PGPASSWORD": "x"]) { $1 },
                in: folder,
                program: psql)
            try await eventually("the role has a session") {
                try await server.sql("SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'us\"er%'") == "1"
            }
            let page = try await server.once()
            await session.stop()
            return page
        }
        #expect(try await PageCheck.findings(page) == "")
        let samples = try await PageCheck.samples(page)
        func has(_ name: String, _ labels: [String: String]) -> Bool {
            samples.contains { sample in
                sample.name == name && labels.allSatisfy { sample.labels[$0] == $1 }
            }
        }
        #expect(has("pg_database_xact_commit_total", ["datname": database]))
        #expect(has("pg_activity_sessions", ["datname": database, "usename": role]))
        for (index, name) in Self.hard.enumerated() {
            let schema = "s\(index)" + name.prefix(10)
            let labels = ["datname": database, "schemaname": schema, "relname": name]
            let index = labels.merging(["indexrelname": Self.hard[(index + 1) % Self.hard.count]]) { $1 }
            #expect(has("pg_table_seq_scan_total", labels), "\(name)")
            #expect(has("pg_table_size_bytes", labels), "\(name)")
            #expect(has("pg_index_idx_scan_total", index), "\(name)")
            #expect(has("pg_index_size_bytes", index), "\(name)")
        }
        // Prometheus' own reader wants to be asked for lines that end in \\r, which the rules of promcheck do not let pass.
        try await server.sql("CREATE TABLE public.\"carriage\rreturn\" (a int)", database: database)
        #expect(
            try PageText(await server.once()).samples("pg_table_seq_scan_total", ["relname": "carriage\rreturn"]).count
                == 1)
    }

    @Test("names that are no UTF-8 show U+FFFD, and the page stays valid")
    func invalidNames() async throws {
        let server = try await Self.server("ascii")
        try await server.sql("CREATE DATABASE raw ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
        // The last two become equal on the page: one of them is shown.
        let names = ["latin\\xe9", "cut\\xf09f90", "one\\xff", "one\\xfe"].map { name in
            "'\(name.split(separator: "\\x")[0])' || convert_from('\\x\(name.split(separator: "\\x")[1])', 'SQL_ASCII')"
        }
        let tables = names.map { "EXECUTE format('CREATE TABLE public.%I (a int PRIMARY KEY)', \($0));\n" }.joined()
        try await server.sql("SET client_encoding = 'SQL_ASCII'; DO $do$ BEGIN\n\(tables)END $do$", database: "raw")
        // A database's name is seen from every other database, whatever the encoding there.
        try await server.sql(
            "SET client_encoding = 'SQL_ASCII';\nSELECT format('CREATE DATABASE %I', 'lost' || convert_from('\\xff', 'SQL_ASCII')) \\gexec\n",
            database: "raw")
        let result = try await DaemonProgram.run(["once"], environment: ["DATA_SOURCE_NAME": server.keywords])
        let page = result.output
        #expect(try await PageCheck.findings(page) == "")
        let samples = try await PageCheck.samples(page)
        for name in ["latin\u{FFFD}", "cut\u{FFFD}", "one\u{FFFD}"] {
            for family in [
                "pg_table_seq_scan_total", "pg_table_size_bytes", "pg_index_idx_scan_total", "pg_index_size_bytes",
            ] {
                let found = samples.filter {
                    $0.name == family && $0.labels["datname"] == "raw" && $0.labels["relname"] == name
                }
                #expect(found.count == 1, "\(family) \(name)")
            }
        }
        let text = try PageText(page)
        #expect(text.value("pgsonde_collector_duplicate_samples_total", ["collector": "table"]) ?? 0 > 0)
        #expect(text.value("pg_database_xact_commit_total", ["datname": "lost\u{FFFD}"]) != nil)
    }

    /// The newest server, and nobody else on it.
    private static func server(_ name: String) async throws -> PageServer {
        let major = try #require(TestServers.all.last).major
        let fresh = try await PageServers.fresh(major, name)
        return PageServer(major: major, isStandby: false, host: fresh.host, port: fresh.port, log: fresh.log)
    }

    private static func quoted(_ name: String) -> String {
        "\"\(name.replacing("\"", with: "\"\""))\""
    }
}
