import Foundation
import Sonde
import SondeCollectors
import Testing

extension PageServerTests {
    /// The session of the user's database is `shop`, and the extension is in `postgres`.
    struct StatementTests {
        private static let primaries = PageServers.all.filter { !$0.isStandby }.map(\.major)
        private static let collectors = [
            "--collector.statement", "--collector.statement_store", "--collector.statement_text",
        ]
        private static let columns = [
            ("calls_total", "calls"), ("rows_total", "rows"), ("exec_time_seconds_total", "total_exec_time / 1000"),
            ("max_exec_time_seconds", "max_exec_time / 1000"), ("shared_blks_hit_total", "shared_blks_hit"),
            ("shared_blks_dirtied_total", "shared_blks_dirtied"), ("temp_blks_written_total", "temp_blks_written"),
            ("wal_records_total", "wal_records"), ("wal_bytes_total", "wal_bytes"),
        ]

        private static func once(
            _ server: PageServer, limit: Int? = nil, without others: [String] = []
        ) async throws -> PageText {
            let keywords = server.keywords.replacing("dbname=postgres", with: "dbname=shop")
            let limits = limit.map { "collectors: {statement: {limit: \($0)}}\n" } ?? ""
            let result = try await DaemonProgram.run(
                ["once", "--config.file={folder}/pgsonde.yaml"] + collectors + others.map { "--no-collector.\($0)" },
                environment: ["DATA_SOURCE_NAME": keywords], files: ["pgsonde.yaml": limits])
            #expect(result.code == 0, "\(result.error)")
            return try PageText(result.output)
        }

        /// Whether the server comes with the extension.
        private static func hasExtension(_ server: PageServer) async throws -> Bool {
            try await server.sql("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_stat_statements'")
                == "1"
        }

        @Test("statements show what the server counted, wherever the extension is", arguments: primaries)
        func truth(major: Int) async throws {
            let server = try await PageServers.shared.server(major)
            guard try await Self.hasExtension(server) else { return }
            try await server.sql(
                "DO $$ BEGIN FOR i IN 1..3 LOOP PERFORM 1; END LOOP; END $$; CREATE TABLE app.said (what text);"
                    + "INSERT INTO app.said VALUES ('a secret'); INSERT INTO app.said VALUES ('another');"
                    + "ALTER ROLE worker PASSWORD 'worker'",
                database: "shop")
            let list = Self.columns.map(\.1).joined(separator: ", ")
            let truth = try await server.sql(
                """
                SELECT queryid, \(list) FROM pg_stat_statements(false)
                JOIN pg_roles r ON r.oid = userid JOIN pg_database d ON d.oid = dbid
                WHERE rolname = 'postgres' AND datname = 'shop'
                """)
            // All by name, however many the other tests have left.
            let page = try await Self.once(server, limit: 10_000)
            var count = 0
            for line in truth.split(separator: "\n") {
                let cells = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
                let labels = ["queryid": cells[0], "datname": "shop", "usename": "postgres"]
                for (index, (family, _)) in Self.columns.enumerated() {
                    let expected = try #require(Double(cells[index + 1]))
                    let values = page.samples("pg_statement_\(family)", labels).map(\.value)
                    #expect(values.count == 1 && abs((values.first ?? .nan) - expected) < 1e-9, "\(family) \(labels)")
                    count += 1
                }
            }
            #expect(count > 100)
            for collector in ["statement", "statement_text"] {
                #expect(page.value("pgsonde_collector_success", ["collector": collector]) == 1)
            }
            #expect(page.samples("pg_statement_store_dealloc_total").map(\.value) == (major < 14 ? [] : [0]))
            #expect(page.value("pg_statement_calls_total", ["queryid": "other"]) == 0)
            let texts = page.samples("pg_statement_text_info").compactMap { $0.labels["query_text"] }
            #expect(texts.contains("INSERT INTO app.said VALUES ($1)"))
            // What is no parameter could be a password.
            #expect(texts.contains("ALTER ROLE worker PASSWORD "))
            #expect(!texts.contains { $0.contains("'") })
        }

        @Test("reading many statements with long texts writes no temporary file", arguments: primaries)
        func temporary(major: Int) async throws {
            let server = try await PageServers.shared.server(major)
            guard try await Self.hasExtension(server) else { return }
            try await server.sql(
                """
                SET pg_stat_statements.track = 'all';
                DO $$ BEGIN
                  EXECUTE 'CREATE TABLE app.wide (' || (SELECT string_agg('c' || i || ' int', ',')
                    FROM generate_series(1, 50) i) || ')';
                  FOR i IN 0..1999 LOOP
                    EXECUTE format('SELECT c%s, c%s /* %s */ FROM app.wide', i / 50 + 1, i % 50 + 1,
                      repeat('abcdefghij', 500));
                  END LOOP;
                END $$;
                ALTER ROLE monitor SET work_mem = '512kB';
                """, database: "shop")
            let files = "SELECT sum(temp_files) FROM pg_stat_database"
            try await Task.sleep(for: .seconds(1))
            let before = try await server.sql(files)
            // In so little memory others may sort on disk.
            let others = Builtin.collectors.map(\.name).filter { !$0.hasPrefix("statement") }
            let page = try await Self.once(server, without: others)
            try await Task.sleep(for: .seconds(1))
            let after = try await server.sql(files)
            try await server.sql("ALTER ROLE monitor RESET work_mem; DROP TABLE app.wide", database: "shop")
            #expect(before == after)
            #expect(page.value("pgsonde_collector_rows", ["collector": "statement"]) ?? 0 > 2_000)
            #expect(Set(page.samples("pg_statement_calls_total").map(\.labels)).count == 201)
            let texts = page.samples("pg_statement_text_info").compactMap { $0.labels["query_text"] }
            #expect(texts.count == 500)
            #expect(texts.allSatisfy { $0.count <= 500 })
        }
    }
}
