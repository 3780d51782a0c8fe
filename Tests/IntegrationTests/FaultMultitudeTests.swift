import Foundation
import Sonde
import SondeCollectors
import Testing

/// Very many of a thing, on a server of a test's own.
@Suite(.serialized, .enabled(if: TestServers.isAvailable))
struct FaultMultitudeTests {
    /// What the systemd unit allows.
    static let memory = 512 << 20

    /// Puts many rows like one into a catalogue: to make that many objects would take minutes.
    ///
    /// - Parameters:
    ///   - table: the catalogue.
    ///   - condition: which row is the pattern.
    ///   - count: how many more.
    ///   - values: the columns that differ, as expressions of `i`.
    /// - Returns: the statement, for a superuser.
    private static func multiply(
        _ table: String, _ condition: String, _ count: Int, _ values: [String: String]
    ) -> String {
        let cases = values.sorted { $0.key < $1.key }.map { "WHEN '\($0)' THEN $e$\($1)$e$" }.joined(separator: " ")
        return """
            DO $$ DECLARE columns text; BEGIN
              SET allow_system_table_mods = on;
              SELECT string_agg(CASE attname \(cases) ELSE quote_ident(attname) END, ', ' ORDER BY attnum) INTO columns
                FROM pg_attribute WHERE attrelid = '\(table)'::regclass AND attnum > 0 AND NOT attisdropped;
              EXECUTE 'INSERT INTO \(table) SELECT ' || columns || ' FROM \(table), generate_series(1, \(count)) AS i
                WHERE \(condition)';
            END $$;
            """
    }

    /// Puts very many tables into the catalogue that have no files.
    static func addTables(_ count: Int, to fault: FaultServer) async throws {
        try await fault.sql("CREATE TABLE pattern (); ALTER SYSTEM SET autovacuum = off; SELECT pg_reload_conf()")
        try await fault.sql(
            multiply(
                "pg_class", "relname = ''pattern''", count,
                ["oid": "(1000000 + i)::oid", "relname": "'table_' || i", "relfilenode": "(1000000 + i)::oid"]))
    }

    @Test("50 000 tables: 500 have a name, none is lost, and it all fits in the memory that the unit file gives")
    func tables() async throws {
        try await FaultServer.with { fault in
            try await Self.addTables(50_000, to: fault)
            let text = FaultConfiguration(servers: [FaultConfiguration.server(fault)], slow: "3s").text
            try await FaultSampler.countingProcesses(fault) { sampler in
                try await withDaemon(text) { daemon in
                    try HeldResources.limitMemory(daemon.pid, to: Self.memory)
                    try await daemon.page("all is well", within: .seconds(60)) { FaultOutageTests.isWell($0) }
                    // For some rounds: what is remembered of the one before is there as well.
                    try await Task.sleep(for: .seconds(10))
                    let page = try await daemon.page()
                    #expect(FaultOutageTests.isWell(page))
                    for family in ["pg_table_n_live_tup", "pg_table_size_bytes"] {
                        #expect(page.samples(family, ["datname": "postgres"]).count == 501, "\(family)")
                    }
                    for collector in ["table", "table_size"] {
                        #expect((page.value("pgsonde_collector_rows", ["collector": collector]) ?? 0) > 50_000)
                        let age = page.value("pgsonde_collector_age_seconds", ["collector": collector]) ?? .infinity
                        #expect(age < 15, "\(collector)")
                    }
                    let size = try await daemon.get("/metrics").body.count
                    print("50 000 tables: a page of \(size >> 10) kB, \(try HeldResources(daemon.pid))")
                    #expect(size < 8 << 20)
                    // Later, the end of the daemon ends statements.
                    #expect(fault.errors() == [])
                }
                #expect(sampler.most <= 2)
            }
        }
    }

    @Test("10 000 statements of 5 kB: none is lost, and nothing is written to disk, however little work_mem there is")
    func statements() async throws {
        // Debian's, which has the extension.
        try await FaultServer.with(15) { fault in
            try fault.configure(["pg_stat_statements.max = 10000", "pg_stat_statements.track = 'all'"])
            try await fault.halt()
            try await fault.resume()
            try await fault.sql(
                """
                ALTER ROLE monitor SET work_mem = '512kB';
                DO $$ BEGIN
                  EXECUTE 'CREATE TABLE wide (' || (SELECT string_agg('c' || i || ' int', ',')
                    FROM generate_series(0, 99) i) || ')';
                  FOR i IN 0..9999 LOOP
                    EXECUTE format('SELECT c%s, c%s /* %s */ FROM wide', i / 100, i % 100, repeat('abcdefghij', 500));
                  END LOOP;
                END $$;
                """)
            // In so little memory others may sort on disk.
            let others = Builtin.collectors.map(\.name).filter { !$0.hasPrefix("statement") }
            let text = FaultConfiguration(
                servers: [FaultConfiguration.server(fault)], slow: "2s", without: Set(others),
                with: ["statement", "statement_text"]
            ).text
            let files = "SELECT sum(temp_files) FROM pg_stat_database"
            let before = try await fault.sql(files)
            try await withDaemon(text) { daemon in
                let page = try await daemon.page("both have run", within: .seconds(60)) {
                    !$0.samples("pg_statement_text_info").isEmpty && !$0.samples("pg_statement_calls_total").isEmpty
                }
                #expect((page.value("pgsonde_collector_rows", ["collector": "statement"]) ?? 0) > 9_500)
                #expect(page.samples("pg_statement_calls_total").count == 201)
                #expect(page.samples("pg_statement_text_info").count == 500)
                try await Task.sleep(for: .seconds(8))
                print("10 000 statements: \(try HeldResources(daemon.pid))")
                #expect(fault.errors() == [])
            }
            // Sessions tell their numbers when they end, at the latest.
            try await Task.sleep(for: .seconds(1))
            #expect(try await fault.sql(files) == before)
        }
    }

    @Test("1 000 databases: each is visited, by two sessions, as often as the bound of logins allows")
    func databases() async throws {
        try await FaultServer.with { fault in
            try await fault.sql("ALTER SYSTEM SET autovacuum = off; SELECT pg_reload_conf(); CREATE DATABASE seed")
            try await fault.sql("CREATE TABLE thing AS SELECT 1 AS id", database: "seed")
            let seed = try await fault.sql("CHECKPOINT; SELECT oid FROM pg_database WHERE datname = 'seed'")
            // They share one's files, since nobody writes to them.
            for number in 1...1_000 {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(fault.server.dataDir)/base/\(2_000_000 + number)", withDestinationPath: seed)
            }
            try await fault.sql(
                Self.multiply(
                    "pg_database", "datname = ''seed''", 1_000,
                    ["oid": "(2000000 + i)::oid", "datname": "'db_' || i"]))
            let without = Set(Builtin.collectors.filter { $0.per == .database && $0.name != "table" }.map(\.name))
            let item = FaultConfiguration.server(fault, more: "logins_per_hour: 1000000\nsslmode: disable")
            let text = FaultConfiguration(servers: [item], slow: "60s", without: without).text
            try await FaultSampler.countingProcesses(fault) { sampler in
                try await withDaemon(text) { daemon in
                    let start = ContinuousClock.now
                    let page = try await daemon.page("all have been visited", within: .seconds(200)) { page in
                        page.samples("pg_table_n_live_tup", ["relname": "thing"]).count == 1_001
                    }
                    print(
                        "1 000 databases: a round in \((ContinuousClock.now - start) / .seconds(1)) s, \(try HeldResources(daemon.pid))"
                    )
                    #expect(page.samples("pg_database_xact_commit_total").count >= 1_002)
                    #expect(
                        (page.value("pgsonde_collector_age_seconds", ["collector": "server"]) ?? 99) < 5,
                        "the fast lane goes on")
                    #expect(fault.errors() == [])
                }
                #expect(sampler.most <= 2)
            }
        }
    }

    @Test(
        "a result of 50 MB is shown, one of 100 MB is refused, and neither takes the memory that the unit file gives")
    func result() async throws {
        let server = try #require(TestServers.all.last)
        let files = [50, 100].map { size in
            (
                "collectors.d/result\(size).yaml",
                """
                name: result\(size)
                help: Long labels (generate_series()).
                from: generate_series(1, \(size)) g
                columns:
                  - {label: name, sql: "g || repeat('x', 1000000)"}
                  - {gauge: value, sql: g, help: A number (generate_series()).}
                every: 5s
                timeout: 4s
                """
            )
        }
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server("main", port: server.port)], slow: "1h",
            more: "collectors_dir: collectors.d"
        ).text
        try await withDaemon(text, files: Dictionary(uniqueKeysWithValues: files)) { daemon in
            try await eventually("both have run") {
                let page = try await ScaleScrape.run(daemon).tail
                return page.contains(#"pgsonde_collector_success{collector="result50"} 1"#)
                    && page.contains(#"pgsonde_collector_state{collector="result100",state="failed"} 1"#)
            }
            try await Task.sleep(for: .seconds(10))
            let scrape = try await ScaleScrape.run(daemon)
            #expect(scrape.length > 50_000_000)
            #expect(scrape.head.contains("pg_up 1"))
            let status = try String(contentsOfFile: "/proc/\(daemon.pid)/status", encoding: .utf8)
            let most = status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) } ?? .max
            print("a result of 50 MB: at most \(most >> 10) MB")
            #expect(most < Self.memory >> 10)
        }
    }
}
