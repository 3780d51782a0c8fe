import Sonde
import Testing

@testable import SondeDaemon

@Suite("collectors of pg_exporter")
struct PgExporterReaderTests {
    private static func read(_ text: String) throws -> [ForeignQuery] {
        try ForeignFile(Array(text.utf8), named: "c.yml", discovers: false).queries
    }

    @Test("a collector becomes a definition with the same names, labels, types, times and places")
    func plain() throws {
        let query = try #require(
            try Self.read(
                """
                app_queue:
                  desc: Queues
                  query: SELECT q, waiting, took, gone FROM app.queues;
                  ttl: 30
                  timeout: 0.5
                  min_version: 140000
                  tags: [cluster, standby, "extension:pgcrypto", "username:bob"]
                  metrics:
                    - q: {usage: LABEL, rename: queue, description: Queue}
                    - waiting: {usage: GAUGE, default: 0, description: Waiting}
                    - took: {usage: COUNTER, rename: took_seconds, scale: 1e-3, description: Took}
                    - gone: {usage: DISCARD}
                """
            ).first)
        let definition = try #require(query.definition)
        #expect(definition.metrics.map(\.name) == ["app_queue_waiting", "app_queue_took_seconds"])
        #expect(definition.columns.first == .label("queue", "q"))
        #expect(definition.help == "Queues" && query.every == .seconds(30) && query.timeout == .seconds(1))
        #expect(definition.on == .standby && definition.per == .server)
        #expect(definition.requires.extensions == ["pgcrypto"])
        #expect(definition.query?.eras.map(\.since) == [14])
        let text = definition.query?.text(for: 17) ?? ""
        #expect(text.contains("coalesce(q.\"waiting\", 0) AS \"waiting_shown\""))
        #expect(text.contains("q.\"took\" * '1e-3'::float8 AS \"took_shown\""))
        #expect(query.notes == ["line 7: the tag \"username:bob\" is left out"])
    }

    @Test("a timeout is cut to the interval, which is told")
    func timeout() throws {
        let text = "a: {query: SELECT 1 AS x, ttl: 30, timeout: 40, metrics: [{x: {usage: GAUGE}}]}"
        let query = try #require(try Self.read(text).first)
        #expect(query.definition?.timing == Timing(every: .seconds(30), timeout: .seconds(30)))
        #expect(query.notes == ["line 1: the timeout is cut to the interval, 30s"])
    }

    @Test("what is not for the whole cluster runs in every database")
    func databases() throws {
        let text = "a: {query: SELECT 1 AS x, ttl: 1, metrics: [{x: {usage: GAUGE}}]}"
        #expect(try Self.read(text).map { $0.definition?.per } == [.database])
    }

    @Test("collectors of one family for versions that exclude each other become one definition")
    func merged() throws {
        let queries = try Self.read(
            """
            app_17: {name: app, query: SELECT 2 AS x, min_version: 170000, tags: [cluster], metrics: [{x: {usage: GAUGE}}, {y: {usage: GAUGE}}]}
            app_10:
              name: app
              query: SELECT 1 AS x
              min_version: 100000
              max_version: 170000
              tags: [cluster]
              metrics: [{x: {usage: GAUGE, scale: 1000}}]
            app_9: {name: app, query: SELECT 0 AS x, max_version: 100000, tags: [cluster], metrics: [{x: {usage: GAUGE}}]}
            """)
        #expect(queries.count == 2)
        let definition = try #require(queries[0].definition)
        #expect(definition.name == "app_17" && definition.metrics.map(\.name) == ["app_x", "app_y"])
        #expect(definition.query?.text(for: 17) == "SELECT 2 AS x")
        #expect(definition.query?.text(for: 13)?.contains("AS \"x_shown\"") == true)
        #expect(Registry.problems(of: definition) == [])
        #expect(queries[1].definition == nil)
        #expect(queries[1].notes == ["line 9: it is for versions before 13 only, which pgsonde does not know"])
    }

    @Test("branches for primaries and for standbys become one statement that asks for the role")
    func roles() throws {
        let queries = try Self.read(
            """
            app_primary:
              name: app
              query: SELECT 'x' AS l, 1 AS a, NULL AS b, now() AS c, 4 AS d
              tags: [cluster, leader]
              metrics: [{l: {usage: LABEL}}, {a: {usage: GAUGE}}, {b: {usage: GAUGE}}, {c: {usage: GAUGE}}, {d: {usage: GAUGE}}]
            app_standby_17:
              name: app
              query: SELECT 'y' AS l, 5 AS a, 6 AS b, now() AS c
              tags: [cluster, replica]
              min_version: 170000
              metrics: [{l: {usage: LABEL}}, {a: {usage: GAUGE, scale: 2}}, {b: {usage: GAUGE}}, {c: {usage: GAUGE}}]
            app_standby_16:
              name: app
              query: SELECT 7 AS a
              tags: [cluster, slave]
              min_version: 140000
              max_version: 170000
              metrics: [{a: {usage: GAUGE}}]
            """)
        #expect(queries.count == 1)
        let definition = try #require(queries.first?.definition)
        #expect(definition.on == .any && definition.name == "app_primary")
        #expect(definition.metrics.map(\.name) == ["app_a", "app_b", "app_c", "app_d"])
        #expect(definition.query?.eras.map(\.since) == [0, 14, 17])
        let role = "(SELECT pg_is_in_recovery())"
        let primary =
            "SELECT q.\"l\"::text AS \"l\",\n  q.\"a\" AS \"a\",\n  NULL AS \"b\",\n  q.\"c\" AS \"c\",\n  q.\"d\" AS \"d\"\nFROM"
        let text = try #require(definition.query?.text(for: 17))
        #expect(
            text.hasPrefix(primary) && text.contains("WHERE NOT \(role)\nUNION ALL\n")
                && text.hasSuffix("WHERE \(role)"))
        #expect(text.contains("q.\"a_shown\" AS \"a\"") && text.contains("NULL AS \"d\"\nFROM"))
        #expect(definition.query?.text(for: 13)?.contains("UNION") == false)
        #expect(definition.columns.first { $0.name == "c" }?.unit == .timestamp)
        #expect(Registry.problems(of: definition) == [])
    }

    @Test(
        "branches that may run at the same time keep their metrics, under names of their own where two would have one")
    func tags() throws {
        let queries = try Self.read(
            """
            app: {query: SELECT 1 AS x, tags: [cluster], metrics: [{x: {usage: GAUGE}}]}
            app_slow: {name: app, query: "SELECT 2 AS x, 3 AS y", tags: [cluster, slow], metrics: [{x: {usage: GAUGE}}, {y: {usage: GAUGE}}]}
            """)
        #expect(queries.map { $0.definition?.metrics.map(\.name) } == [["app_x"], ["app_slow_x", "app_y"]])
        #expect(queries.map { $0.definition?.enabled } == [true, false])
        #expect(
            queries[1].notes == [
                "line 2: it runs only where pg_exporter was given the tag \"slow\", and here where it is switched on",
                "app has metrics of the same names and may run at the same time: app_x is app_slow_x here",
            ])
        let definitions = queries.compactMap(\.definition)
        #expect(try Registry(definitions.map { Registry.Entry($0) }).entries.count == 2)
    }

    @Test("rows are counted by how large they are, for each set of labels")
    func snapshot() throws {
        let query = try #require(
            try Self.read(
                """
                app_age:
                  query: SELECT datname, age FROM x
                  tags: [cluster]
                  metrics:
                    - datname: {usage: LABEL}
                    - age: {usage: HISTOGRAM, bucket: [1, 2.5, 10], description: Ages}
                """
            ).first)
        let definition = try #require(query.definition)
        #expect(definition.metrics.map(\.kind) == [.histogram])
        let text = definition.query?.everywhere ?? ""
        #expect(text.contains("ARRAY[1, 2.5, 10]::float8[] AS \"age\"") && text.hasSuffix("GROUP BY q.\"datname\""))
        #expect(text.contains("count(*) FILTER (WHERE q.\"age\" <= 2.5)"))
    }

    @Test("in the console of PgBouncer nothing is computed: a scale is the unit, or the column is left out")
    func console() throws {
        let query = try #require(
            try Self.read(
                """
                pool:
                  query: SHOW STATS;
                  tags: [pgbouncer]
                  min_version: 12400
                  metrics:
                    - database: {usage: LABEL, rename: datname}
                    - total: {usage: COUNTER}
                    - time: {usage: COUNTER, scale: 1e-6}
                    - odd: {usage: COUNTER, scale: 7}
                """
            ).first)
        let definition = try #require(query.definition)
        #expect(definition.kind == .pgbouncer && definition.per == .server && definition.searchPath == nil)
        #expect(definition.query?.everywhere == "SHOW STATS")
        #expect(definition.columns.map(\.unit) == [.count, .count, .microseconds])
        #expect(query.notes.count == 2 && query.notes[0].contains("odd is left out"))
    }

    @Test("branches for versions of PgBouncer are one command with the columns of all")
    func consoleVersions() throws {
        let queries = try Self.read(
            """
            pool_124: {name: pool, query: SHOW POOLS;, tags: [pgbouncer], min_version: 12400, metrics: [{a: {usage: GAUGE}}, {b: {usage: GAUGE}}]}
            pool_116: {name: pool, query: SHOW POOLS, tags: [pgbouncer], max_version: 12400, metrics: [{a: {usage: GAUGE}}, {c: {usage: GAUGE}}]}
            """)
        #expect(queries.map { $0.definition?.metrics.map(\.name) } == [["pool_a", "pool_b", "pool_c"]])
        #expect(queries[0].definition?.query?.everywhere == "SHOW POOLS")
    }

    @Test("predicates are conditions")
    func predicates() throws {
        let text = """
            a:
              query: SELECT 1 AS x
              predicate_queries:
                - {name: one, predicate_query: SELECT true;}
                - {name: two, predicate_query: SELECT false}
              metrics: [{x: {usage: GAUGE}}]
            """
        let body = try Self.read(text).first?.definition?.query?.everywhere
        #expect(
            body
                == "SELECT q.*\nFROM (\nSELECT 1 AS x\n) AS q\nWHERE (\nSELECT true\n)::text::boolean\nAND (\nSELECT false\n)::text::boolean"
        )
    }

    @Test(
        "each mistake is told with its place and what to do",
        arguments: [
            ("a: {ttl: 1}", "1:1: a needs the key \"query\": add it"),
            (
                "a: {ttl: 1, query: SELECT x, metrics: [{x: {usage: GAUGES}}]}",
                "1:41: column x: write usage: LABEL, GAUGE, COUNTER, HISTOGRAM or DISCARD"
            ),
            (
                "a: {ttl: 1, query: SELECT x, metrics: [{x: {usage: HISTOGRAM, bucket: [1, many]}}]}",
                "1:41: \"many\" is no bound: write a number"
            ),
            (
                "a: {ttl: 1, query: SELECT x, predicate_queries: [{name: x}]}",
                "1:50: a predicate query needs the key \"predicate_query\": add it"
            ),
        ])
    func mistakes(text: String, problem: String) {
        #expect(told { _ = try Self.read(text) } == ["c.yml:\(problem)"])
    }
}
