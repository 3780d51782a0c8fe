import Foundation
import Testing

/// `pgsonde collector test` and `new` on a server.
@Suite(.serialized, .enabled(if: TestServers.isAvailable))
struct CollectorTestTests {
    private static let database = "collector_test"

    /// A definition that nothing can be said against.
    private static let good = """
        name: shop_jobs
        help: Jobs by queue (shop.jobs)
        from: shop.jobs
        group: true
        columns:
          - {label: queue, sql: queue}
          - {gauge: waiting, sql: "count(*) FILTER (WHERE state = 'waiting')", help: Jobs not yet started (shop.jobs.state)}
          - {counter: retries_total, sql: sum(retries), help: Retries since the queue was made (shop.jobs.retries)}

        """

    /// The oldest server and the newest.
    private static let servers = [TestServers.all.first, TestServers.all.last].compactMap { $0 }

    private func withDatabase(
        _ server: TestServers.Server, _ body: (_ environment: [String: String]) async throws -> Void
    ) async throws {
        try Shell.psql(server, "DROP DATABASE IF EXISTS \(Self.database)")
        try Shell.psql(server, "CREATE DATABASE \(Self.database)")
        try Shell.psql(
            server,
            """
            CREATE SCHEMA shop;
            CREATE TABLE shop.jobs (queue text, state text, retries int, due timestamptz, took interval, note json);
            INSERT INTO shop.jobs SELECT 'q' || i % 2, 'waiting', 1, now(), '1 s', '{}' FROM generate_series(1, 10) i;
            CREATE TABLE shop.secret (x int);
            CREATE TABLE shop.events (id int, pad text);
            INSERT INTO shop.events SELECT i, repeat('x', 1000) FROM generate_series(1, 40000) i;
            ANALYZE shop.events;
            CREATE FUNCTION shop.touch() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';
            GRANT USAGE ON SCHEMA shop TO monitor;
            GRANT SELECT ON shop.jobs, shop.events TO monitor;
            """, database: Self.database)
        let dsn = "host=\(server.host) port=\(server.port) user=monitor password=monitor dbname=\(Self.database)"
        do {
            try await body(["DATA_SOURCE_NAME": dsn])
        } catch {
            try Shell.psql(server, "DROP DATABASE IF EXISTS \(Self.database)")
            throw error
        }
        try Shell.psql(server, "DROP DATABASE IF EXISTS \(Self.database)")
    }

    private func test(
        _ text: String, _ words: [String] = [], _ environment: [String: String], more: [String: String] = [:]
    ) async throws -> DaemonProgram.Result {
        try await DaemonProgram.run(
            ["collector", "test", "{folder}/x.yaml"] + words, environment: environment,
            files: more.merging(["x.yaml": text]) { $1 })
    }

    @Test("a good file gives its page, its cost and nothing else", arguments: servers)
    func good(server: TestServers.Server) async throws {
        try await withDatabase(server) { environment in
            let result = try await test(Self.good, [], environment)
            #expect(result.code == 0, "\(result.error)")
            let page = try PageText(result.output)
            #expect(page.value("pg_shop_jobs_waiting", ["queue": "q0"]) == 5)
            #expect(page.value("pg_shop_jobs_retries_total", ["queue": "q1"]) == 5)
            #expect(page.families.count == 2)
            #expect(result.error.contains("shop_jobs: "))
            #expect(result.error.contains("of 2s, every 15s; 2 rows, 4 series, "), "\(result.error)")
            #expect(result.error.contains("0 errors, 0 warnings"), "\(result.error)")
            let tools = try #require(TestServers.shared).tools
            let check = try Shell.result(tools.promtool, ["check", "metrics"], input: result.output)
            #expect(check.code == 0 && check.output.isEmpty && check.error.isEmpty, "\(check.output)\(check.error)")
            let explained = try await test(Self.good, ["--explain", "--strict"], environment)
            #expect(explained.code == 0)
            #expect(explained.error.contains("Buffers: shared"), "\(explained.error)")
            #expect(explained.error.contains("actual time"), "\(explained.error)")
        }
    }

    /// A change of the good file, the exit code, and a line that must be said.
    private static let faults: [(from: String, to: String, code: Int32, says: String)] = [
        ("sql: queue", "sql: qeue", 1, "x.yaml:6:25: column \"qeue\" does not exist"),
        ("sum(retries)", "sum(retriess)", 1, "x.yaml:8:39: column \"retriess\" does not exist"),
        ("from: shop.jobs", "from: jobs", 1, "x.yaml:3:7: relation \"jobs\" does not exist: did you mean shop.jobs?"),
        ("from: shop.jobs", "from: shop.jbos", 1, "did you mean shop.jobs?"),
        ("from: shop.jobs", "from: |-\n  shop.jobs\n  WHRE true", 1, "x.yaml:5:8: syntax error at or near \"true\""),
        ("sum(retries)", "summ(retries)", 1, "x.yaml:8:35: function summ(integer) does not exist: did you mean sum?"),
        ("sum(retries)", "retries", 1, "x.yaml:8:35: column \"jobs.retries\" must appear in the GROUP BY"),
        ("sum(retries)", "max(due)", 1, "retries_total: is of type timestamp with time zone"),
        ("sum(retries)", "max(took)", 1, "retries_total: is an interval"),
        ("sum(retries)", "min(note::text)::json", 1, "retries_total: is of type json, which is no number"),
        ("sum(retries)", "sum(retries) / 0", 1, "division by zero"),
        ("sum(retries)", "shop.touch()", 0, "x.yaml:8:35: warning: shop.touch() is volatile"),
        (
            "sum(retries)", "count(pg_advisory_xact_lock(1)::text)", 0,
            "x.yaml:8:41: warning: pg_advisory_xact_lock() takes a lock"
        ),
        ("sum(retries)", "nextval('x')", 1, "nextval() writes"),
        ("group: true", "group: false", 1, "must appear in the GROUP BY"),
        (
            "from: shop.jobs", "from: shop.jobs CROSS JOIN shop.secret", 1,
            "x.yaml:3:7: permission denied for table secret"
        ),
        ("retries_total", "retries", 0, "a counter ends in _total"),
        ("(shop.jobs.retries)", "of the queue", 0, "help must end in the source"),
        ("from: shop.jobs", "from: shop.jobs CROSS JOIN shop.events", 0, "reads all of shop.events, "),
        ("from: shop.jobs", "from: shop.jobs WHERE false", 0, "it gave no rows"),
        ("group: true", "group: true\non: standby", 0, "not for a server of this role"),
        ("group: true", "group: true\nrequires: {relations: shop.none}", 1, "x.yaml:5:23: needs shop.none"),
        (
            "group: true", "group: true\nrequires: {relations: shop.jbos}", 1,
            "x.yaml:5:23: needs shop.jbos, which is not there: did you mean shop.jobs?"
        ),
        (
            "group: true", "group: true\nrequires: {privileges: pg_monitr}", 1,
            "x.yaml:5:24: needs pg_monitr, which is not there: did you mean pg_monitor?"
        ),
        (
            "group: true", "group: true\nrequires: {settings: {work_mme: any}}", 1,
            "x.yaml:5:23: needs work_mme, which is not there: did you mean work_mem?"
        ),
        (
            "group: true", "group: true\naxis: plpgsq", 1,
            "x.yaml:5:7: needs plpgsq, which is not there: did you mean plpgsql?"
        ),
        (
            "sum(retries)", "sum(j.retries)", 1,
            "x.yaml:8:39: missing FROM-clause entry for table \"j\": write one of the tables"
        ),
        ("group: true", "group: true\nevery: 5m\nexpire: 1m", 1, "x.yaml:6:9: expire is shorter than every"),
        ("group: true", "group: true\nkind: pgbouncer", 1, "PgBouncer has no FROM"),
        ("name: shop_jobs", "nmae: shop_jobs", 1, "x.yaml:1:1: "),
        ("name: shop_jobs", "name: shop_jobs\nprefix: pg_locks", 1, "x.yaml:1:1: "),
    ]

    @Test("what is wrong or will hurt is told with its place")
    func faults() async throws {
        let server = try #require(TestServers.all.last)
        try await withDatabase(server) { environment in
            for fault in Self.faults {
                let text = Self.good.replacing(fault.from, with: fault.to, maxReplacements: 1)
                #expect(text != Self.good)
                let result = try await test(text, [], environment)
                #expect(result.code == fault.code, "\(fault.to): \(result.error)")
                #expect(result.error.contains(fault.says), "\(fault.to): \(result.error)")
                // A warning is enough where the user says so.
                if fault.code == 0 { #expect(try await test(text, ["--strict"], environment).code == 1, "\(fault.to)") }
            }
        }
    }

    @Test("many rows without a limit, the same labels twice and slow queries are told")
    func hurts() async throws {
        let server = try #require(TestServers.all.last)
        try await withDatabase(server) { environment in
            let text = """
                name: shop_events
                help: Events (shop.events)
                from: shop.events
                columns:
                  - {label: event, sql: (id / 2)::text}
                  - {gauge: length, sql: length(pad), help: Length (shop.events.pad)}
                timeout: 15s
                limit: {series: 100000}

                """
            let result = try await test(text, [], environment)
            #expect(result.code == 1)
            #expect(
                result.error.contains("20000 rows had the labels of another") || result.error.contains("19999 rows had")
            )
            #expect(result.error.contains("40000 rows, and no limit"), "\(result.error)")
            let slow = try await test(
                Self.good.replacing("sum(retries)", with: "count(pg_sleep(1)::text)").replacing(
                    "group: true", with: "group: true\ntimeout: 3s"), [], environment)
            #expect(slow.error.contains("no end within") || slow.error.contains("timeout"), "\(slow.error)")
            #expect(slow.code == 1)
        }
    }

    @Test("a histogram that is none, a state that nobody declared and too many series are told for what they are")
    func unread() async throws {
        try await withDatabase(try #require(Self.servers.last)) { environment in
            let result = try await test(
                """
                - name: odd
                  help: Odd things (shop.odd)
                  query: |
                    SELECT '{1,2}'::int[] AS took_seconds_bounds, '{3,2}'::int[] AS buckets, 5 AS sum, 3 AS count, 'off' AS state, 7 AS size
                  columns:
                    - {histogram: took_seconds, sql: took_seconds_bounds, buckets: buckets, sum: sum, count: count, in: seconds, help: How long (shop.odd)}
                    - {stateset: state, states: [up, down], help: The state (shop.odd.state)}
                    - {gauge: size, help: The size (shop.odd.size)}
                - name: wide
                  help: Wide things (shop.wide)
                  query: SELECT id, 1 AS size FROM generate_series(1, 10001) id
                  columns:
                    - {label: id}
                    - {gauge: size, help: The size (shop.wide.size)}
                """, [], environment)
            #expect(result.code == 1)
            for line in [
                "x.yaml:6:38: 1 row gave no histogram: as many buckets as bounds, no bound twice, each bucket at least the one below and at most count",
                "x.yaml:7:7: 1 row in a state that is not among states: add it there",
                "x.yaml:11:10: it gives 10001 series, and may give 10000: write limit: {rows: …, by: …}, which adds up the rest, or limit: {series: …}",
            ] { #expect(result.error.contains(line), "\(result.error)") }
            #expect(!result.error.contains("cast them"))
        }
    }

    @Test("a whole query's columns are matched by name, and what goes relation by relation is looked at, too")
    func forms() async throws {
        let server = try #require(TestServers.all.last)
        try await withDatabase(server) { environment in
            let whole = """
                name: shop_jobs
                help: Jobs by queue (shop.jobs)
                query: SELECT queue, count(*) AS jobs, 1 AS spare FROM shop.jobs GROUP BY 1
                columns:
                  - {label: queue}
                  - {gauge: jobs_now, sql: jbos, help: Jobs (shop.jobs)}

                """
            let wrong = try await test(whole, [], environment)
            #expect(wrong.code == 1)
            #expect(
                wrong.error.contains("x.yaml:6:28: the query has no column \"jbos\": did you mean \"jobs\"?"),
                "\(wrong.error)")
            #expect(wrong.error.contains("column \"spare\" is not among columns"), "\(wrong.error)")
            let right = try await test(
                whole.replacing("jbos", with: "jobs").replacing(", 1 AS spare", with: ""), [], environment)
            #expect(right.code == 0 && right.output.contains("pg_shop_jobs_jobs_now{queue=\"q0\"} 5"), "\(right.error)")
            let each = """
                name: shop_sizes
                help: Sizes (pg_table_size)
                from: pg_class AS c WHERE c.relname = 'jobs'
                each: true
                per: database
                columns:
                  - {label: relname, sql: c.relname}
                  - {gauge: size_bytes, sql: pg_table_size(c.oid), in: bytes, help: Size (pg_table_size)}

                """
            let sizes = try await test(each, ["--database", Self.database, "--strict"], environment)
            #expect(sizes.code == 0, "\(sizes.error)")
            #expect(sizes.output.contains("datname=\"\(Self.database)\",relname=\"jobs\"} "), "\(sizes.output)")
            let slip = try await test(
                each.replacing("c.oid)", with: "c.oidd)"), ["--database", Self.database], environment)
            #expect(slip.code == 1 && slip.error.contains("x.yaml:8:44: column c.oidd does not exist"), "\(slip.error)")
        }
    }

    @Test("what runs per database runs in those that its patterns include, and says so where there is none")
    func databases() async throws {
        let server = try #require(TestServers.all.last)
        try await withDatabase(server) { environment in
            let text = """
                name: shop_here
                help: That it runs (current_database())
                query: SELECT 1 AS here
                per: database
                databases: {include: ["collector_*", postgres], exclude: ["postgre?"]}
                columns: [{gauge: here, help: Whether it runs (current_database())}]

                """
            let some = try await test(text, ["--strict"], environment)
            #expect(some.code == 0, "\(some.error)")
            let page = try PageText(some.output)
            #expect(page.samples("pg_shop_here_here").map { $0.labels["datname"] ?? "" } == [Self.database])
            let none = try await test(text.replacing("\"collector_*\", ", with: ""), [], environment)
            #expect(none.code == 1 && none.error.contains("x.yaml:3:8: needs a database"), "\(none.error)")
        }
    }

    @Test("what the SQL of a file sets does not outlast it, so that nothing is ever written")
    func written() async throws {
        let server = try #require(TestServers.all.last)
        try await withDatabase(server) { environment in
            try Shell.psql(server, "GRANT INSERT ON shop.jobs TO monitor", database: Self.database)
            let text = """
                name: shop_a
                help: Sets (shop.jobs)
                from: >-
                  (SELECT set_config('default_transaction_read_only', 'off', false) AS x,
                  set_config('statement_timeout', '0', false) AS y) AS s
                columns: [{gauge: set, sql: length(s.x), help: Length (shop.jobs)}]
                ---
                name: shop_b
                help: Writes (shop.jobs)
                query: WITH a AS (INSERT INTO shop.jobs (queue) VALUES ('w') RETURNING 1) SELECT count(*) AS n FROM a
                columns: [{gauge: n, help: Rows (shop.jobs)}]
                ---
                name: shop_c
                help: Settings (current_setting())
                query: SELECT (current_setting('default_transaction_read_only') = 'on')::int AS kept
                columns: [{gauge: kept, help: Whether it is as before (current_setting())}]

                """
            let result = try await test(text, ["--explain"], environment)
            #expect(result.code == 1)
            #expect(result.error.contains("in a read-only transaction"), "\(result.error)")
            #expect(result.output.contains("pg_shop_a_set 3\n"), "\(result.output)")
            #expect(result.output.contains("pg_shop_c_kept 1\n"), "\(result.output)")
            let rows = try Shell.psql(
                server, "SELECT count(*) FROM shop.jobs WHERE queue = 'w'", database: Self.database)
            #expect(rows.split(separator: "\n").first == "0")
        }
    }

    @Test("a file of the folder is tried in its own place, and names that others have are told with both files")
    func folder() async throws {
        let server = try #require(TestServers.all.last)
        try await withDatabase(server) { environment in
            let files = [
                "c.yaml": "collectors_dir: d\n", "d/one.yaml": Self.good,
                "d/two.yaml": Self.good.replacing("shop_jobs", with: "shop_other"),
            ]
            let words = ["collector", "test", "--config.file={folder}/c.yaml"]
            let own = try await DaemonProgram.run(
                words + ["{folder}/d/one.yaml"], environment: environment, files: files)
            #expect(own.code == 0, "\(own.error)")
            let both = try await DaemonProgram.run(
                words + ["{folder}/d/one.yaml", "{folder}/d/two.yaml"], environment: environment, files: files)
            #expect(both.code == 0 && both.output.contains("pg_shop_other_waiting"), "\(both.error)")
            let clash = try await test(
                Self.good, ["--config.file={folder}/c.yaml"], environment, more: files)
            #expect(clash.code == 1)
            #expect(clash.error.contains("x.yaml:1:1: ") && clash.error.contains("d/one.yaml:1"), "\(clash.error)")
        }
    }

    @Test("through a pooler errors keep their places")
    func pooled() async throws {
        let major = try #require(TestServers.shared?.pgbouncer, "there is no PgBouncer here").major
        let pooler = try #require(try await PageServers.fresh(major, "trial", ["--pgbouncer"]).pgbouncer)
        let configuration = """
            servers:
              - {name: a, host: \(pooler.host), port: \(pooler.port), user: monitor, dbname: postgres, pooled: true}
            """
        let text = """
            name: shop_states
            help: States (pg_stat_activity)
            from: pg_stat_activity
            columns: [{gauge: sessions, sql: count(*) + nme, help: Sessions (pg_stat_activity)}]

            """
        let environment = ["PGPASSWORD": "monitor"]
        let files = ["c.yaml": configuration]
        let wrong = try await test(text, ["--config.file={folder}/c.yaml"], environment, more: files)
        #expect(wrong.code == 1 && wrong.error.contains("x.yaml:4:45: column \"nme\" does not exist"), "\(wrong.error)")
        let right = try await test(
            text.replacing(" + nme", with: ""), ["--config.file={folder}/c.yaml"], environment, more: files)
        #expect(right.code == 0 && right.output.contains("pg_shop_states_sessions "), "\(right.error)")
    }

    @Test("a skeleton is accepted as it is, on every major", arguments: TestServers.all)
    func skeleton(server: TestServers.Server) async throws {
        let environment = [
            "DATA_SOURCE_NAME": "host=\(server.host) port=\(server.port) user=monitor password=monitor dbname=postgres"
        ]
        let made = try await DaemonProgram.run(["collector", "new", "shop_new"])
        #expect(made.code == 0 && made.error.isEmpty)
        let result = try await test(made.output, ["--strict"], environment)
        #expect(result.code == 0, "\(result.error)")
        #expect(result.output.contains("pg_shop_new_sessions{state="), "\(result.output)")
    }
}
