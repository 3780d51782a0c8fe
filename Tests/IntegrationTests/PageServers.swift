import Foundation
import Testing

/// Starts a ``PageServer`` of each major when it is first asked for; they end with the test run.
actor PageServers {
    static let shared = PageServers()

    /// Which there are: every major, and the standby of the one that has a standby in the test run, too.
    static let all: [(major: Int, isStandby: Bool)] = {
        let majors = TestServers.all.map(\.major)
        return majors.map { ($0, false) } + TestServers.all.filter { $0.standby != nil }.map { ($0.major, true) }
    }()

    private var started: [Int: Task<[PageServer], any Error>] = [:]

    /// A server, full.
    func server(_ major: Int, isStandby: Bool = false) async throws -> PageServer {
        // A task of its own, since many tests wait for one start, and none of them may end it for the others.
        let start = started[major] ?? Task { try await Self.start(major) }
        started[major] = start
        return try await #require(start.value.first { $0.isStandby == isStandby })
    }

    private static func start(_ major: Int) async throws -> [PageServer] {
        let primary = try await fresh(major, "page", all.contains { $0 == (major, true) } ? ["--standby"] : [])
        var servers = [
            PageServer(major: major, isStandby: false, host: primary.host, port: primary.port, log: primary.log)
        ]
        try await fill(servers[0])
        if let standby = primary.standby {
            servers.append(
                PageServer(major: major, isStandby: true, host: standby.host, port: standby.port, log: standby.log))
            try await eventually("the standby has the tables") {
                try await servers[1].sql("SELECT count(*) FROM app.item", database: "shop") == "900"
            }
        }
        return servers
    }

    /// Starts an empty server that no other test knows of; it ends with the test run.
    ///
    /// - Parameters:
    ///   - major: its version.
    ///   - name: what sets it apart from others of that version.
    ///   - flags: `--standby`, `--pgbouncer`.
    /// - Returns: its description.
    /// - Throws: why it does not start.
    static func fresh(_ major: Int, _ name: String, _ flags: [String] = []) async throws -> TestServers.Server {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../servers")
            .path
        let result = try await DaemonProgram.run(
            [script, "start", "\(major)", "--name", "\(name)\(major)-\(ProcessInfo.processInfo.processIdentifier)"]
                + flags,
            environment: ProcessInfo.processInfo.environment, within: .seconds(120), program: "/usr/bin/python3")
        guard result.code == 0 else { throw DaemonProgram.Failure(description: "no server \(major): \(result.error)") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(TestServers.Server.self, from: Data(result.output.utf8))
    }

    private static func fill(_ server: PageServer) async throws {
        try await server.sql(
            """
            CREATE ROLE worker LOGIN PASSWORD 'worker';
            CREATE DATABASE shop OWNER worker;
            ALTER SYSTEM SET max_slot_wal_keep_size = '4GB';
            ALTER SYSTEM SET archive_command = 'false';
            -- It would come and go, on catalogues too, and its progress with it.
            ALTER SYSTEM SET autovacuum = off;
            SELECT pg_reload_conf();
            SELECT pg_create_physical_replication_slot('spare', true);
            ALTER ROLE worker CONNECTION LIMIT 9 VALID UNTIL '2100-01-01 00:00:00+00';
            CREATE ROLE former LOGIN VALID UNTIL '2001-02-03 04:05:06+00';
            -- A change that waits for a restart.
            ALTER SYSTEM SET track_activity_query_size = 2048;
            SELECT pg_reload_conf();
            """)
        // As if the server had been given newer files.
        try await server.sql(
            "UPDATE pg_extension SET extversion = '0.9' WHERE extname = 'plpgsql'", database: "shop")
        try await server.sql(
            """
            -- For the time of the reset, which is shown once there was one.
            SELECT pg_stat_reset();
            SELECT pg_create_logical_replication_slot('changes', 'pgoutput');
            CREATE SCHEMA app AUTHORIZATION worker;
            -- Autovacuum would come and go, and its times with it.
            CREATE TABLE app.item (id int PRIMARY KEY, name text, note text) WITH (autovacuum_enabled = false);
            CREATE INDEX item_name ON app.item (name);
            ALTER TABLE app.item OWNER TO worker;
            INSERT INTO app.item SELECT i, 'item ' || i, repeat(md5(i::text), 10) FROM generate_series(1, 1000) AS i;
            INSERT INTO app.item SELECT -1, 'long', string_agg(md5(i::text), '') FROM generate_series(1, 2000) AS i;
            UPDATE app.item SET note = 'new' WHERE id % 7 = 0;
            DELETE FROM app.item WHERE id % 10 = 0 OR id < 0;
            SELECT count(*) FROM app.item;
            -- Not every server that is unpacked has what its JIT needs.
            SET jit = off;
            SET enable_seqscan = off;
            SELECT count(note) FROM app.item WHERE id = 77;
            SELECT count(note) FROM app.item WHERE name = 'item 77';
            VACUUM app.item;
            ANALYZE app.item;
            INSERT INTO app.item VALUES (-2, 'rolled back');
            DELETE FROM app.item WHERE id = -2;
            BEGIN;
            UPDATE app.item SET note = 'never';
            ROLLBACK;
            CREATE MATERIALIZED VIEW app.names WITH (autovacuum_enabled = false) AS SELECT DISTINCT name FROM app.item;
            CREATE TABLE app.part (at date, what text) PARTITION BY RANGE (at);
            CREATE TABLE app.part_2024 PARTITION OF app.part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')
                WITH (autovacuum_enabled = false);
            ALTER TABLE app.part OWNER TO worker;
            CREATE INDEX ON app.part (at);
            INSERT INTO app.part SELECT '2024-01-01'::date + i, 'x' FROM generate_series(0, 99) AS i;
            SET work_mem = '64kB';
            SELECT count(*) FROM (SELECT * FROM generate_series(1, 20000) AS i ORDER BY i DESC) AS t;
            """, database: "shop")
        // One WAL file cannot be archived at first, and then it can.
        try await server.sql("SELECT pg_switch_wal()")
        try await eventually("archiving has failed") {
            try await server.sql("SELECT failed_count > 0 FROM pg_stat_archiver") == "t"
        }
        try await server.sql("ALTER SYSTEM SET archive_command = 'true'; SELECT pg_reload_conf()")
        try await eventually("archiving has succeeded") {
            try await server.sql("SELECT archived_count > 0 FROM pg_stat_archiver") == "t"
        }
        try await backUp(server)
        try await subscribe(server)
    }

    /// Takes a base backup that copies nothing, and notes on the database where it began.
    private static func backUp(_ server: PageServer) async throws {
        let (start, stop) =
            server.major < 15
            ? ("pg_start_backup('page', true, false)", "pg_stop_backup(false, false)")
            : ("pg_backup_start('page', true)", "pg_backup_stop(false)")
        try await server.sql(
            """
            SELECT \(start) AS lsn \\gset
            SELECT FROM \(stop);
            COMMENT ON DATABASE postgres IS :'lsn';
            SELECT pg_switch_wal();
            """)
        // What the backup leaves in the archive has no position.
        try await eventually("a WAL file was archived after the backup") {
            try await server.sql("SELECT last_archived_wal ~ '^[0-9A-F]{24}$' FROM pg_stat_archiver") == "t"
        }
    }

    /// Has one database follow a table of another.
    private static func subscribe(_ server: PageServer) async throws {
        try await server.sql("CREATE DATABASE branch")
        try await server.sql(
            """
            CREATE TABLE app.keyless (id int) WITH (autovacuum_enabled = false);
            CREATE PUBLICATION items FOR TABLE app.item;
            CREATE PUBLICATION mixed FOR TABLE app.item, app.keyless, app.part;
            CREATE PUBLICATION inserts FOR ALL TABLES WITH (publish = 'insert, truncate');
            SELECT pg_create_logical_replication_slot('branch', 'pgoutput');
            """, database: "shop")
        try await server.sql(
            """
            CREATE SCHEMA app;
            CREATE TABLE app.item (id int PRIMARY KEY, name text, note text) WITH (autovacuum_enabled = false);
            CREATE SUBSCRIPTION branch
            CONNECTION 'host=\(server.host) port=\(server.port) user=postgres password=postgres dbname=shop'
            PUBLICATION items WITH (create_slot = false, slot_name = branch);
            CREATE SUBSCRIPTION idle CONNECTION 'dbname=shop' PUBLICATION items
            WITH (connect = false, slot_name = NONE);
            """, database: "branch")
        try await eventually("the table was copied") {
            try await server.sql("SELECT string_agg(srsubstate::text, '') FROM pg_subscription_rel", database: "branch")
                == "r"
        }
    }
}
