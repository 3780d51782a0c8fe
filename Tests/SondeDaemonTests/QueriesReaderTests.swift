import Sonde
import SondeCollectors
import Testing

@testable import SondeDaemon

@Suite("queries.yaml")
struct QueriesReaderTests {
    private static func read(
        _ text: String, from format: ForeignFormat? = .postgresExporter, discovers: Bool = false
    ) throws -> [ForeignQuery] {
        try ForeignFile(Array(text.utf8), named: "q.yaml", from: format, discovers: discovers).queries
    }

    private static let jobs = """
        app_jobs:
          query: SELECT queue, state, waiting, retries, took FROM jobs;
          master: true
          cache_seconds: 60
          metrics:
            - queue: {usage: "LABEL", description: "The queue"}
            - waiting: {usage: "GAUGE", description: "Jobs that wait"}
            - retries: {usage: "COUNTER", description: "Retries"}
            - state: {usage: "DISCARD", description: "-"}
            - took: {usage: "GAUGE", description: ""}
        """

    @Test("a query becomes a definition with the same names, labels and types")
    func plain() throws {
        let query = try #require(try Self.read(Self.jobs).first)
        let expected = Definition(
            "app_jobs", help: "The query app_jobs", prefix: "app_jobs",
            query: SQL("SELECT queue, state, waiting, retries, took FROM jobs"), searchPath: "default",
            columns: [
                .label("queue", "queue"), .gauge("waiting", "waiting", help: "Jobs that wait"),
                .counter("retries", "retries", help: "Retries"), .gauge("took", "took", help: "The column took"),
            ], cost: .medium, every: .seconds(60))
        #expect(query.definition == expected)
        #expect(query.notes == [])
        #expect(expected.metrics.map(\.name) == ["app_jobs_waiting", "app_jobs_retries", "app_jobs_took"])
    }

    @Test("a histogram has its three columns, and those are not shown by themselves")
    func histogram() throws {
        let query = try #require(
            try Self.read(
                """
                pg_idle:
                  query: SELECT app, s AS seconds_sum, n AS seconds_count, b AS seconds, c AS seconds_bucket FROM x
                  metrics:
                    - app: {usage: LABEL}
                    - seconds: {usage: HISTOGRAM, description: Idle time}
                """
            ).first)
        let metric = try #require(query.definition?.metrics.first)
        #expect(query.definition?.metrics.count == 1 && metric.kind == .histogram && metric.name == "pg_idle_seconds")
        #expect(query.notes == [])
    }

    @Test("a column that metrics does not name has no type, as there")
    func unlisted() throws {
        let query = try #require(
            try Self.read("a: {query: \"SELECT x, count(*) AS y, z.*\", metrics: [{x: {usage: GAUGE}}]}").first)
        #expect(query.definition?.metrics.map(\.name) == ["a_x", "a_y"])
        #expect(query.definition?.metrics.last?.kind == .untyped)
        #expect(query.definition?.metrics.last?.help == "Unknown metric from a")
        #expect(query.notes.count == 2)
    }

    @Test("what is broken there works here, and a note says so")
    func broken() throws {
        let query = try #require(
            try Self.read(
                """
                a:
                  query: "SELECT state, took, lower FROM t"
                  runonserver: ">=14.0.0 <17.0.0"
                  metrics:
                    - state: {usage: MAPPEDMETRIC, metric_mapping: {up: 1, it's: -0.5}, description: State}
                    - took: {usage: DURATION, description: Took}
                    - lower: {usage: gauge}
                    - other: {usage: COUNTER, pg_version: ">=15"}
                """
            ).first)
        let definition = try #require(query.definition)
        #expect(definition.metrics.map(\.name) == ["a_state", "a_took_milliseconds", "a_other"])
        #expect(definition.query?.eras.map(\.since) == [14, 17])
        #expect(definition.query?.text(for: 16)?.contains("WHEN 'it''s' THEN '-0.5'::float8") == true)
        #expect(definition.query?.text(for: 16)?.contains("FROM (\nSELECT state, took, lower FROM t\n) AS q") == true)
        #expect(query.notes.count == 4)
        #expect(
            query.notes.contains { $0.hasPrefix("line 7: lower is not shown") && $0.hasSuffix("did you mean GAUGE?") })
    }

    @Test("read directly, what is broken there is as broken here, and a note says so")
    func literal() throws {
        let text = """
            a:
              query: "SELECT 3 AS state, took, b FROM t"
              runonserver: "<13.0.0"
              metrics:
                - state: {usage: MAPPEDMETRIC, metric_mapping: {3: 1}, description: State}
                - took: {usage: DURATION, description: Took}
                - b: {usage: LABEL}
                - none: {usage: LABEL}
            """
        let file = try ForeignFile(
            Array(text.utf8), named: "q.yaml", from: .postgresExporter, discovers: false, isLiteral: true)
        let query = try #require(file.queries.first)
        #expect(query.definition?.query?.everywhere == "SELECT 3 AS state, took, b FROM t")
        #expect(
            query.definition?.columns == [
                .gauge("state", "state", help: "State"), .gauge("took_milliseconds", "took", help: "Took"),
                .label("b", "b"), .label("none", "state"),
            ])
        #expect(query.notes.count == 4 && query.notes.allSatisfy { $0.contains("as there") })
    }

    @Test(
        "the digest of a file is the one that others compute",
        arguments: [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (3, "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0"),
            (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
            (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
            (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
            (1000, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"),
        ])
    func digest(count: Int, expected: String) {
        #expect(SHA256.hexadecimal(of: [UInt8](repeating: UInt8(ascii: "a"), count: count)) == expected)
    }

    @Test("databases are visited by what is not master, if they are discovered")
    func discovery() throws {
        let text = """
            a: {query: "SELECT current_database() AS datname, x", metrics: [{datname: {usage: LABEL}}, {x: {usage: GAUGE}}]}
            b: {query: SELECT x, master: true, metrics: [{x: {usage: GAUGE}}]}
            """
        #expect(try Self.read(text).map { $0.definition?.per } == [.server, .server])
        let found = try Self.read(text, discovers: true).map(\.definition)
        #expect(found.map { $0?.per } == [.database, .server])
        #expect(found[0]?.metrics.first?.labels == [])
    }

    @Test("CloudNativePG's additions are kept, also within a ConfigMap")
    func cloudNative() throws {
        let text = """
            kind: ConfigMap
            data:
              queries: |
                app:
                  name: shop
                  query: "SELECT datname, n FROM x"
                  predicate_query: "SELECT true;"
                  primary: true
                  target_databases: ["*"]
                  metrics:
                    - datname: {usage: LABEL}
                    - n: {usage: GAUGE, name: number}
                two:
                  query: SELECT 1 AS n
                  target_databases: [a, b]
                  metrics: [{n: {usage: COUNTER}}]
                three: {query: SELECT 1 AS m, target_databases: ["app*", "[ab]"], metrics: [{m: {usage: GAUGE}}]}
            """
        let queries = try Self.read(text, from: nil)
        let first = try #require(queries.first?.definition)
        #expect(first.metrics.map(\.name) == ["cnpg_shop_number"])
        #expect(first.on == .primary && first.per == .database && first.searchPath == "public")
        #expect(
            first.query?.everywhere
                == "SELECT q.*\nFROM (\nSELECT datname, n FROM x\n) AS q\nWHERE (\nSELECT true\n)::text::boolean")
        #expect(first.databases == .all)
        #expect(queries[1].node.line == 13)
        #expect(queries[1].notes == [] && queries[1].definition?.databases == Databases(include: ["a", "b"]))
        #expect(queries[2].definition?.databases == .all)
        #expect(
            queries[2].notes == [
                "line 17: it runs in every database: of patterns pgsonde knows * and ?, and not those of \"[ab]\""
            ])
    }

    @Test(
        "each mistake is told with its place and what to do",
        arguments: [
            ("- a", "1:1: the file is a list where a mapping is needed: write keys and values, one a line"),
            ("a: 1", "1:4: a is a text where a mapping is needed: write keys and values, one a line"),
            (
                "a:\n  query: SELECT 1\n  metrics:\n    - x:\n      usage: GAUGE",
                "5:14: column usage is a text where a mapping is needed: write keys and values, one a line"
            ),
            (
                "a: {query: SELECT x, cache_seconds: soon}",
                "1:37: cache_seconds is \"soon\": write a number"
            ),
            (
                "a: {query: SELECT x, runonserver: new}",
                "1:35: runonserver: \"new\" is not a version: write one like 13.0.0"
            ),
            (
                "a: {query: SELECT x, master: maybe}", "1:30: master is \"maybe\": write true or false"
            ),
        ])
    func mistakes(text: String, problem: String) {
        #expect(told { _ = try Self.read(text) } == ["q.yaml:\(problem)"])
    }

    @Test("what cannot be shown costs its query, or its histogram, and a note says why")
    func unusable() throws {
        let queries = try Self.read(
            """
            a: {query: SELECT x, metrics: [{"x y": {usage: GAUGE}}]}
            b:
              query: SELECT 1 AS x, ARRAY[1] AS h, ARRAY[2] AS h_bucket, 3 AS h_sum
              metrics: [{x: {usage: GAUGE}}, {h: {usage: HISTOGRAM}}]
            """)
        #expect(queries.map { $0.definition?.metrics.map(\.name) } == [nil, ["b_x"]])
        #expect(queries[0].notes.last == "left out: a_x y is not a metric name: write letters, digits and _")
        #expect(queries[1].notes == ["line 2: the histogram h is left out: the query has no column h_count"])
    }

    @Test(
        "a predicate that asks for a relation or an extension becomes a requirement; any other one stays a condition",
        arguments: [
            ("SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'x');", "app.jobs", ["x"], [], true),
            (
                "SELECT EXISTS (SELECT * FROM pg_catalog.pg_tables AS t WHERE tablename = 'jobs')", "jobs", [], [],
                false
            ),
            ("select exists(select from pg_tables where tablename = 'jobs') as p", "app.jobs", [], ["app.jobs"], false),
            (
                "SELECT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = 'App' AND table_name = 'jobs')",
                "\"App\".jobs", [], ["\"App\".jobs"], true
            ),
            ("SELECT to_regclass('app.jobs') IS NOT NULL AS p", "app.jobs", [], ["app.jobs"], true),
            ("SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'jobs')", "jobs", [], ["public.jobs"], false),
            ("SELECT EXISTS (SELECT FROM pg_class WHERE relname LIKE 'jobs')", "jobs", [], [], false),
            ("SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'jobs' OR true)", "jobs", [], [], false),
            ("SELECT NOT EXISTS (SELECT FROM pg_class WHERE relname = 'jobs')", "jobs", [], [], false),
            ("SELECT NOT pg_is_in_recovery()", "jobs", [], [], false),
        ])
    func predicates(
        predicate: String, table: String, extensions: [String], relations: [String], isWhole: Bool
    ) throws {
        let text = """
            a:
              query: |
                SELECT count(*) AS n FROM \(table)
              predicate_query: |
                \(predicate)
              metrics: [{n: {usage: GAUGE}}]
            """
        let query = try #require(try Self.read(text, from: .cloudNativePG).first)
        let definition = try #require(query.definition)
        #expect(definition.requires.extensions == extensions && definition.requires.relations == relations)
        #expect(definition.query?.everywhere?.contains("WHERE (") == !isWhole)
        #expect(query.notes.isEmpty == !(extensions + relations).isEmpty)
        #expect(Registry.problems(of: definition) == [])
    }

    @Test("columns that are times, durations and places in the WAL have their units")
    func units() throws {
        let columns = [
            ("pg_postmaster_start_time() AS x", Unit.timestamp), ("now() x", .timestamp),
            ("max(a.created)::date AS x", .timestamp),
            ("coalesce(last_vacuum, '1970-01-01Z') AS x", .timestamp), ("current_timestamp AS x", .timestamp),
            ("now() - created AS x", .seconds), ("now() - interval '1 day' AS x", .timestamp),
            ("age(now(), xact_start) AS x", .seconds), ("age(datfrozenxid) AS x", .count),
            ("max(now() - query_start) FILTER (WHERE state = 'active') AS x", .seconds),
            ("'1s'::interval AS x", .seconds),
            ("extract(epoch FROM now() - created) AS x", .count), ("pg_current_wal_lsn() AS x", .bytes),
            ("pg_current_wal_lsn() - '0/0' AS x", .count), ("(now())::timestamptz AS x", .timestamp),
            ("CASE WHEN a > 1 THEN now() ELSE NULL END AS x", .timestamp), ("count(*) AS x", .count),
            ("CASE WHEN now() > a THEN 1 END AS x", .count), ("now() > a AS x", .count), ("a * 2 AS x", .count),
            ("(SELECT now()) AS x", .count), ("replay_lag AS x", .seconds), ("'now' AS x", .count),
            ("- 1 AS x", .count),
        ]
        for (column, unit) in columns {
            let text = "a: {query: \"SELECT \(column) FROM t a\", metrics: [{x: {usage: GAUGE}}]}"
            #expect(try Self.read(text).first?.definition?.columns.map(\.unit) == [unit], "\(column)")
        }
        let names = "a: {query: SELECT * FROM t, metrics: [{last_vacuum: {usage: GAUGE}}, {n: {usage: GAUGE}}]}"
        #expect(try Self.read(names).first?.definition?.columns.map(\.unit) == [.timestamp, .count])
    }

    @Test("objects of Kubernetes beside the one with queries are passed over")
    func objects() throws {
        let text = """
            apiVersion: v1
            kind: Cluster
            spec: {instances: 3}
            ---
            apiVersion: v1
            kind: ConfigMap
            data:
              queries: |
                app: {query: SELECT 1 AS n, metrics: [{n: {usage: GAUGE}}]}
            """
        let queries = try Self.read(text, from: nil)
        #expect(queries.map { $0.definition?.metrics.map(\.name) } == [["cnpg_app_n"]])
        #expect(queries.first?.node.line == 9)
    }

    @Test("what is written is read as the very same definitions, with comments on what was lost")
    func written() throws {
        let text = """
            \(Self.jobs)
            database:
              query: SELECT datname, size_bytes, age FROM x
              metrics: [{datname: {usage: LABEL}}, {size_bytes: {usage: GAUGE}}, {age: {usage: GAUGE}}]
            pg_database:
              query: SELECT datname, size_bytes FROM x
              metrics: [{datname: {usage: LABEL}}, {size_bytes: {usage: GAUGE}}]
            "old\u{7}":
              query: SELECT 1 AS x
              runonserver: "<12.0.0"
              metrics: [{x: {usage: GAUGE}}]
            """.replacing("\u{7}", with: "")
        let file = try ForeignFile(Array(text.utf8), named: "q.yaml", discovers: false)
        let written = try #require(ConvertedText.text([file], among: Builtin.collectors))
        let read = try DefinitionDecoder.definitions(in: Array(written.utf8), file: "w").map(\.definition)
        #expect(read.map(\.name) == ["app_jobs", "user_database"])
        #expect(read.first == file.queries.first?.definition)
        #expect(written.contains("# - pg_database_size_bytes: left out, the collector database_size shows"))
        #expect(written.contains("# - nothing is left of it to show"))
        let both = try Registry(
            Builtin.collectors.map { Registry.Entry($0) } + read.map { Registry.Entry($0, from: "w") })
        #expect(both.entries.count == Builtin.collectors.count + 2)
    }

    @Test("nothing is written where nothing is left")
    func nothing() throws {
        let file = try ForeignFile(Array("a: {query: \"\"}".utf8), named: "q.yaml", discovers: false)
        #expect(file.queries.first?.notes == ["line 1: it has no query, and shows nothing"])
        #expect(ConvertedText.text([file], among: []) == nil)
        let comment = try ForeignFile(Array("# only that\n".utf8), named: "c.yaml", discovers: false)
        #expect(comment.queries.isEmpty && ConvertedText.text([comment], among: []) == nil)
        let good = try ForeignFile(Array(Self.jobs.utf8), named: "q.yaml", discovers: false)
        #expect(ConvertedText.text([comment, good], among: [])?.contains("name: app_jobs") == true)
    }
}
