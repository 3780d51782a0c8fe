import Glibc
import Sonde
import SondePostgres
import Testing

/// The ways to a server: TCP, TLS, Unix socket, pooler.
@Suite(.enabled(if: TestServers.isAvailable))
struct ConnectionWayTests {
    @Test("TLS with a checked certificate carries results of every size", arguments: TestServers.all)
    func tls(server: TestServers.Server) async throws {
        guard let authority = server.ca else { return }
        let settings = server.settings(
            "monitor", ["sslmode": "verify-full", "sslrootcert": authority, "host": "localhost"])
        try await server.withConnection(settings) { connection async throws in
            #expect(try await connection.value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == "t")
            // Records of TLS end anywhere in a row.
            for size in [1, 8_000, 16_384, 20_000, 100_000, 3_000_000] {
                let outcomes = await connection.run(
                    (0..<3).map { .test("SELECT repeat('x', \(size))", step: $0, timeout: .seconds(20)) },
                    into: TestSink())
                #expect(outcomes.map(\.bytes) == [size, size, size])
                #expect(outcomes.compactMap(\.error) == [])
            }
        }
    }

    @Test("a certificate that is not trusted is an error", arguments: TestServers.newest)
    func untrusted(server: TestServers.Server) async throws {
        guard server.ca != nil else { return }
        let connection = Connection(server.settings("monitor", ["sslmode": "verify-full", "sslrootcert": "/dev/null"]))
        await #expect(throws: PostgresError.self) { try await connection.open(within: .seconds(30)) }
    }

    @Test("a Unix socket", arguments: TestServers.all)
    func unixSocket(server: TestServers.Server) async throws {
        try await server.withConnection(server.settings("monitor", ["host": server.socketDir])) {
            connection async throws in
            #expect(try await connection.value("SELECT inet_client_addr() IS NULL") == "t")
            let outcomes = await connection.run(
                [.test("SELECT pg_sleep(60)", timeout: .milliseconds(100)), .test("SELECT 1", step: 1)],
                into: TestSink())
            #expect(outcomes.map { $0.error?.errorClass } == [.timeout, nil])
        }
    }

    @Test("IPv6", arguments: TestServers.newest)
    func ipv6(server: TestServers.Server) async throws {
        try await server.withConnection(server.settings("monitor", ["host": "::1"])) { connection async throws in
            #expect(try await connection.value("SELECT family(inet_client_addr())") == "6")
        }
    }

    @Test("twenty queries to a far server cost one round trip", arguments: TestServers.all, [false, true])
    func farServer(server: TestServers.Server, prepared: Bool) async throws {
        let proxy = DelayingProxy(to: server.port, delay: .milliseconds(20))
        let settings = server.settings(
            "monitor", ["port": "\(proxy.port)", "sslmode": "disable", "gssencmode": "disable"])
        try await server.withConnection(settings) { connection async throws in
            let views = ["pg_stat_database", "pg_stat_bgwriter", "pg_locks", "pg_settings", "pg_stat_activity"]
            let jobs = (0..<20).map { index in
                Job.test(
                    "SELECT count(*) AS x\(index) FROM \(views[index % views.count])", step: index, prepared: prepared)
            }
            for _ in 0..<3 {
                let before = proxy.roundTrips
                let sink = TestSink()
                let outcomes = await connection.run(jobs, into: sink)
                #expect(outcomes.compactMap(\.error) == [])
                #expect(sink.tables.count == 20)
                #expect(proxy.roundTrips - before == 1)
            }
        }
    }

    @Test("a pooler gets no startup options, and each query a transaction of its own")
    func pooled() async throws {
        guard let pooler = TestServers.shared?.pgbouncer else { return }
        var settings = pooler.settings(way: .pooled)
        settings.keywords["sslmode"] = "disable"
        try await pooler.withConnection(settings) { connection async throws in
            let sink = TestSink()
            let jobs: [Job] = [
                .test(
                    "SELECT current_setting('search_path') AS x, current_setting('transaction_read_only') AS y", step: 0
                ),
                .test("SELECT nothing_of_this_name", step: 1),
                .test("SELECT 1/0 -- with a comment", step: 2),
                .test("SELECT pg_sleep(60)", step: 3, timeout: .milliseconds(200)),
                .test("SELECT 'x' AS x;", step: 4),
                .test("CREATE TABLE public.no_table ()", step: 5),
                .test("SELECT 1; SELECT 2", step: 6),
                .test(
                    "SELECT current_setting('lock_timeout') AS x, current_setting('statement_timeout') AS y -- last",
                    step: 7),
                .test("SELECT name FROM pg_prepared_statements", step: 8),
                Job(step: 9, sql: "SHOW search_path", collector: "x", timeout: .seconds(30), searchPath: "a, 'b'"),
                Job(step: 10, sql: "SHOW search_path", collector: "x", timeout: .seconds(30), searchPath: "default"),
            ]
            let outcomes = await connection.run(jobs, into: sink)
            #expect(
                outcomes.map { $0.error?.sqlstate } == [
                    nil, "42703", "22012", "57014", nil, "25006", nil, nil, nil, nil, nil,
                ])
            #expect(
                outcomes.map { $0.error?.errorClass } == [
                    nil, .undefined, .other, .timeout, nil, .other, .other, nil, nil, nil, nil,
                ])
            #expect(outcomes[1].error?.position == 8)
            #expect(sink.tables[0] == [["pg_catalog", "on"]])
            #expect(sink.tables[4] == [["x"]])
            #expect(sink.tables[7] == [["500ms", "1min"]])
            #expect(sink.tables[8] == [])
            #expect(sink.tables[9] == [["a, 'b'"]] && sink.tables[10] == [[#""$user", public"#]])
            #expect(connection.isOpen)
        }
        // The sessions behind it are as they were before us.
        try await pooler.withConnection(settings) { connection async throws in
            let sink = TestSink()
            _ = await connection.run([.test("COMMIT; SELECT current_setting('search_path'); BEGIN")], into: sink)
            #expect(sink.tables[0] != [["pg_catalog"]])
        }
    }

    /// What outlives a transaction, and its being rolled back to a savepoint.
    private static let leaving = """
        CREATE OR REPLACE FUNCTION public.pgsonde_leaves() RETURNS int LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_lock(4711);
            PERFORM set_config('work_mem', '123kB', false);
            LISTEN pgsonde_test;
            EXECUTE 'DECLARE pgsonde_cursor CURSOR WITH HOLD FOR SELECT 1';
            RETURN 1;
        END $$
        """

    @Test(
        "no lock of a function's stays in its session, nor a setting, a cursor or a channel, whether it succeeds or not",
        arguments: TestServers.all, [Job.Confinement.undone, .reading])
    func leaves(server: TestServers.Server, confinement: Job.Confinement) async throws {
        try await server.withSuperuser { _ = try await $0.rows(Self.leaving) }
        let pooler = TestServers.shared?.pgbouncer.flatMap { $0.major == server.major ? $0 : nil }
        var pooled = pooler?.settings(way: .pooled)
        pooled?.keywords["sslmode"] = "disable"
        for settings in [server.settings(), pooled].compactMap(\.self) {
            try await server.withConnection(settings) { connection async throws in
                let jobs = ["SELECT public.pgsonde_leaves() AS n", "SELECT public.pgsonde_leaves() / 0 AS n"]
                    .enumerated()
                    .map { step, sql in
                        Job(
                            step: step, sql: sql, collector: "x", timeout: .seconds(30), prepared: false,
                            confinement: confinement)
                    }
                for _ in 0..<2 {
                    let outcomes = await connection.run(jobs, into: TestSink())
                    #expect(outcomes.map { $0.error?.sqlstate } == [nil, "22012"])
                    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                    #expect(try await connection.value(locks) == "0")
                    #expect(try await connection.value("SELECT count(*) FROM pg_cursors WHERE is_holdable") == "0")
                    #expect(try await connection.value("SELECT count(*) FROM pg_listening_channels()") == "0")
                    // What goes relation by relation hands its values on in settings.
                    guard confinement == .undone else { continue }
                    #expect(try await connection.value("SELECT current_setting('work_mem')") != "123kB")
                }
            }
        }
        try await server.withSuperuser { _ = try await $0.rows("DROP FUNCTION public.pgsonde_leaves()") }
    }

    @Test("a pooler that is not announced says what to do")
    func unannounced() async throws {
        guard let pooler = TestServers.shared?.pgbouncer else { return }
        let connection = Connection(pooler.settings("monitor", ["sslmode": "disable"]))
        do throws(PostgresError) {
            try await connection.open(within: .seconds(30))
            Issue.record("the pooler took startup options")
        } catch {
            #expect(error.hint?.contains("pooled") == true, "\(error)")
        }
    }
}
