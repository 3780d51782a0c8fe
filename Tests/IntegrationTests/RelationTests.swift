import Foundation
import Testing

@Suite(.serialized, .enabled(if: TestServers.isAvailable))
struct RelationTests {
    /// Lends a server with ``RelationObjects`` in the database `shop`, whose monitoring role may see all data if it is to.
    static func with<Value>(
        _ major: Int, readsAll: Bool = true, isolation: isolated (any Actor)? = #isolation,
        _ body: (FaultServer, PageServer) async throws -> Value
    ) async throws -> Value {
        try await FaultServer.with(major) { fault in
            let server = PageServer(
                major: major, isStandby: false, host: fault.server.host, port: fault.server.port, log: fault.server.log)
            try await server.sql(
                """
                ALTER SYSTEM SET autovacuum_naptime = '1d';
                SELECT pg_reload_conf();
                CREATE DATABASE shop;
                ALTER ROLE monitor SET pgsonde.approx_tables = 'rel.wide, rel."Odd name",rel.gone';
                """)
            try await server.sql(RelationObjects.sql, database: "shop")
            if readsAll {
                let grant =
                    major > 13
                    ? "GRANT pg_read_all_data TO monitor"
                    : "GRANT SELECT ON ALL SEQUENCES IN SCHEMA rel TO monitor; GRANT SELECT ON pg_statistic TO monitor"
                try await server.sql(grant, database: "shop")
            }
            return try await body(fault, server)
        }
    }

    /// The page with all collectors of relations, also those that do not run by default.
    static func page(_ server: PageServer) async throws -> String {
        let result = try await DaemonProgram.run(
            ["once", "--config.file={folder}/pgsonde.yaml"], files: ["pgsonde.yaml": configuration(server)])
        guard result.code == 0 else { throw DaemonProgram.Failure(description: "once: \(result.error)") }
        return result.output
    }

    static func configuration(_ server: PageServer, every: String? = nil) -> String {
        let extra = ["table_bloat", "table_bloat_approx", "index_bloat", "function"]
        let slow = [
            "table_size", "partitioned_table_size", "index_size", "index_redundant", "sequence_usage",
            "table_bloat_approx",
        ]
        let words = { (name: String) in
            (extra.contains(name) ? ["enabled: true"] : [])
                + (every.map { slow.contains(name) ? ["every: \($0)"] : [] } ?? [])
        }
        let lines = Set(extra + slow).sorted().map { (name: $0, words: words($0)) }.filter { !$0.words.isEmpty }
            .map { "  \($0.name): {\($0.words.joined(separator: ", "))}" }
        return """
            servers:
              - {name: main, databases: {include: shop}, dsn: "\(server.keywords.replacing("dbname=postgres", with: "dbname=shop"))"}
            collectors:
            \(lines.joined(separator: "\n"))

            """
    }

    @Test("tables, indexes, sequences, functions and keys are what the server says they are", arguments: majors)
    func truth(major: Int) async throws {
        try await Self.with(major) { fault, server in
            let cases = TruthCase.relationDetails.filter { $0.majors.contains(major) }
            try await Task.sleep(for: .seconds(major < 15 ? 2 : 1))
            let before = try await PageServerTests.TruthTests.ask(server, cases)
            let page = try PageText(try await Self.page(server))
            let after = try await PageServerTests.TruthTests.ask(server, cases)
            var checked = 0
            for (index, wanted) in cases.enumerated() {
                let count = PageServerTests.TruthTests.compare(wanted, before[index], page, after[index], on: server)
                #expect(count > 0, "\(major): \(wanted.family) has no truth")
                checked += count
            }
            print("relations: \(major): \(checked) values")
            for sample in page.samples("pgsonde_collector_state") {
                let state = sample.labels["state"] ?? ""
                #expect(state != "failed", "\(sample.labels)")
            }
            // Never is not zero, and not now.
            for family in ["vacuum", "autovacuum", "analyze", "autoanalyze"] {
                let labels = ["relname": "never"]
                #expect(page.value("pg_table_last_\(family)_timestamp_seconds", labels) == nil)
                #expect(page.value("pg_table_\(family)_count_total", labels) == 0)
            }
            let now = Date().timeIntervalSince1970
            let vacuumed = page.value("pg_table_last_vacuum_timestamp_seconds", ["relname": "vacuumed"]) ?? 0
            #expect(abs(now - vacuumed) < 600)
            #expect(page.value("pg_table_catalog_reltuples", ["relname": "never"]) == nil)
            #expect(page.value("pg_table_catalog_insert_vacuum_threshold", ["relname": "unlogged"]) == nil)
            for family in ["remaining_values", "used_ratio"] {
                #expect(page.value("pg_sequence_usage_\(family)", ["relname": "round"]) == nil, "it has no end")
                #expect(page.value("pg_sequence_usage_\(family)", ["relname": "uncalled"]) == nil, "not known")
            }
            #expect(fault.errors() == [])
        }
    }

    @Test("without the right to read data a collector says what it wants, and nobody hears of it", arguments: majors)
    func privileges(major: Int) async throws {
        try await Self.with(major, readsAll: false) { fault, server in
            let page = try PageText(try await Self.page(server))
            for collector in ["table_bloat", "index_bloat", "sequence_usage"] {
                let states = page.samples("pgsonde_collector_state", ["collector": collector])
                #expect(states.map { $0.labels["state"] } == ["unavailable"], "\(collector)")
                #expect(!page.families.contains { $0.name.hasPrefix("pg_\(collector)_") })
            }
            for sample in page.samples("pgsonde_collector_state") {
                #expect(sample.labels["state"] != "failed", "\(sample.labels)")
            }
            #expect(fault.errors() == [])
        }
    }

    /// What rebuilding gives back must be what was estimated, within this share of the relation and one page.
    private static let slack = 0.08

    @Test("estimated bloat is what VACUUM FULL and REINDEX give back", arguments: majors)
    func bloat(major: Int) async throws {
        try await Self.with(major) { _, server in
            let page = try PageText(try await Self.page(server))
            let sizes = """
                SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relkind IN ('r', 'i')
                AND relname ~ '^(wide|vacuumed|unlogged)' ORDER BY 1
                """
            let before = Self.numbers(try await server.sql(sizes, database: "shop"))
            for table in ["wide", "vacuumed", "unlogged"] {
                try await server.sql("VACUUM FULL rel.\(table)", database: "shop")
            }
            let after = Self.numbers(try await server.sql(sizes, database: "shop"))
            var checked = 0
            for (name, size) in before {
                let isIndex = name.contains("_")
                let family = isIndex ? "pg_index_bloat" : "pg_table_bloat"
                let labels = [isIndex ? "indexrelname" : "relname": name, "method": "statistics"]
                let bytes = page.value("\(family)_bytes", labels)
                let gain = size - (after[name] ?? 0)
                let estimate = try #require(bytes, "\(name)")
                #expect(
                    abs(estimate - gain) <= Self.slack * size + 8_192,
                    "\(major): \(name) of \(size): \(estimate), is \(gain)")
                let ratio = try #require(page.value("\(family)_ratio", labels))
                #expect(abs(ratio - estimate / size) < 0.01, "\(name)")
                checked += 1
            }
            #expect(checked >= 11)
        }
    }

    @Test("pgstattuple_approx reads the tables that are named, and no other", arguments: majors)
    func approx(major: Int) async throws {
        try await Self.with(major) { fault, server in
            let has = "SELECT count(*) FROM pg_available_extensions WHERE name = 'pgstattuple'"
            guard try await server.sql(has) == "1" else {
                let page = try PageText(try await Self.page(server))
                let states = page.samples("pgsonde_collector_state", ["collector": "table_bloat_approx"])
                #expect(states.map { $0.labels["state"] } == ["unavailable"])
                return
            }
            try await server.sql(
                """
                CREATE SCHEMA "Ex""t";
                CREATE EXTENSION pgstattuple SCHEMA "Ex""t";
                GRANT USAGE ON SCHEMA "Ex""t" TO monitor;
                CREATE TABLE rel."Odd name" AS SELECT i FROM generate_series(1, 5000) AS i;
                DELETE FROM rel."Odd name" WHERE i % 2 = 0;
                """, database: "shop")
            let page = try PageText(try await Self.page(server))
            let columns = [
                "table_bytes": "table_len", "scanned_ratio": "scanned_percent / 100",
                "live_tuples": "approx_tuple_count",
                "live_bytes": "approx_tuple_len", "dead_tuples": "dead_tuple_count", "dead_bytes": "dead_tuple_len",
                "free_bytes": "approx_free_space",
            ]
            for (column, expression) in columns {
                let family = "pg_table_bloat_approx_\(column)"
                #expect(page.samples(family).count == 2, "\(family)")
                for (name, sql) in [("wide", "rel.wide"), ("Odd name", #"rel."Odd name""#)] {
                    let truth = try await server.sql(
                        "SELECT \(expression) FROM \"Ex\"\"t\".pgstattuple_approx('\(sql)')", database: "shop")
                    let value = page.value(family, ["relname": name, "method": "pgstattuple_approx"])
                    let wanted = try #require(Double(truth))
                    #expect(abs((value ?? .nan) - wanted) <= wanted * 1e-9, "\(major): \(family) \(name)")
                }
            }
            #expect((page.value("pg_table_bloat_approx_dead_tuples", ["relname": "Odd name"]) ?? 0) == 2_500)
            #expect(fault.errors() == [])
        }
    }

    private static func numbers(_ text: String) -> [String: Double] {
        var result: [String: Double] = [:]
        for line in text.split(separator: "\n") {
            let cells = line.split(separator: "|")
            if cells.count == 2 { result[String(cells[0])] = Double(cells[1]) }
        }
        return result
    }

    static let majors = TestServers.all.map(\.major)
}
