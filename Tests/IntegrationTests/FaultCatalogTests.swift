import Sonde
import SondeCollectors
import Testing

/// What happens to the server's catalogues while we read them.
@Suite(.serialized, .enabled(if: TestServers.isAvailable))
struct FaultCatalogTests {
    /// Our longest wait for a lock, in milliseconds.
    private static let wait = """
        SELECT coalesce(max(1000 * extract(epoch FROM clock_timestamp() - waitstart)), 0) AS n
        FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT granted AND a.usename = 'monitor'
        """

    @Test(
        "pg_class locked, or its lock only queued: what needs it fails in time and backs off, and recovers by itself",
        arguments: [false, true])
    func pgClass(isQueued: Bool) async throws {
        let fault = try await FaultStage.server()
        // Each that needs it waits for half a second: of the slow lane's, two will do.
        let without = Set(
            Builtin.collectors.filter { $0.per != .server || $0.cost == .heavy }.map(\.name)
        ).subtracting(["table", "table_size"])
        let text = FaultConfiguration(servers: [FaultConfiguration.server(fault)], without: without).text
        let lines = fault.log.count
        try await FaultSampler.countingProcesses(fault) { sessions in
            try await FaultSampler.during(fault, Self.wait) { waits in
                try await withDaemon(text) { daemon in
                    try await daemon.page("all is well") { FaultOutageTests.isWell($0) }
                    let lock = "LOCK TABLE pg_class IN ACCESS EXCLUSIVE MODE"
                    let holder = try FaultSession(fault, ["BEGIN", isQueued ? "SELECT count(*) FROM pg_class" : lock])
                    defer { holder.end() }
                    try await Task.sleep(for: .milliseconds(500))
                    let waiter = isQueued ? try FaultSession(fault, ["BEGIN", lock]) : nil
                    defer { waiter?.end() }
                    try await daemon.page("who needs it waits for a lock no longer", within: .seconds(20)) { page in
                        page.samples("pgsonde_collector_errors_total", ["class": "timeout"]).contains { $0.value > 0 }
                            && page.samples("pgsonde_collector_backoff_seconds").contains { $0.value > 0 }
                    }
                    var slowest = Duration.zero
                    for _ in 0..<20 {
                        let start = ContinuousClock.now
                        _ = try await daemon.page()
                        slowest = max(slowest, .now - start)
                        try await Task.sleep(for: .milliseconds(100))
                    }
                    #expect(slowest < .seconds(1))
                    holder.end()
                    waiter?.end()
                    try await daemon.page("all is well again", within: .seconds(40)) { FaultOutageTests.isWell($0) }
                    let timeouts = fault.log.dropFirst(lines).filter {
                        $0.contains("user=monitor,") && $0.contains("ERROR:")
                    }
                    print("pg_class: \(timeouts.count) ERROR lines of ours, longest wait \(waits.most) ms")
                    #expect(
                        timeouts.allSatisfy { $0.contains("lock timeout") || $0.contains("canceling statement") },
                        "\(timeouts.joined(separator: "\n"))")
                }
                #expect(waits.most < 1_000, "lock_timeout is below a second")
            }
            #expect(sessions.most <= 3)
        }
    }

    @Test("an extension that is moved, updated, dropped and made again while it is read costs only its own collectors")
    func extensions() async throws {
        let fault = try await FaultStage.server()
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server(fault)], slow: "1s", with: ["statement"]
        ).text
        let lines = fault.log.count
        let states = { (page: PageText) in
            page.samples("pgsonde_collector_state", ["collector": "statement"]).map { $0.labels["state"] }
        }
        try await withDaemon(text) { daemon in
            try await daemon.page("statements are there") { states($0) == ["ok"] }
            let changes: [(sql: String, state: String)] = [
                ("CREATE SCHEMA elsewhere; GRANT USAGE ON SCHEMA elsewhere TO monitor", "ok"),
                ("ALTER EXTENSION pg_stat_statements SET SCHEMA elsewhere", "ok"),
                ("REVOKE USAGE ON SCHEMA elsewhere FROM monitor", "unavailable"),
                ("GRANT USAGE ON SCHEMA elsewhere TO monitor", "ok"),
                ("DROP EXTENSION pg_stat_statements", "unavailable"),
                ("CREATE EXTENSION pg_stat_statements VERSION '1.4' SCHEMA elsewhere", "ok"),
                ("ALTER EXTENSION pg_stat_statements UPDATE", "ok"),
                ("ALTER EXTENSION pg_stat_statements SET SCHEMA public; DROP SCHEMA elsewhere", "ok"),
            ]
            for (sql, state) in changes {
                try await fault.sql(sql)
                // One cycle may still run what was planned before.
                try await Task.sleep(for: .milliseconds(1_500))
                let page = try await daemon.page("\(sql): \(state)", within: .seconds(10)) { states($0) == [state] }
                #expect(page.value("pg_up") == 1)
                for sample in page.samples("pgsonde_collector_state") where sample.labels["collector"] != "statement" {
                    #expect(sample.labels["state"] != "failed", "\(sql): \(sample.labels)")
                }
            }
        }
        let errors = fault.log.dropFirst(lines).filter { $0.contains("user=monitor,") && $0.contains("ERROR:") }
        print("extensions: \(errors.count) ERROR lines")
        #expect(errors.count <= 4, "none but what was planned before a change:\n\(errors.joined(separator: "\n"))")
    }

    @Test("tables, indexes and slots that come and go all the time, between plan and run too, are no error")
    func vanishing() async throws {
        let fault = try await FaultStage.server()
        let text = FaultConfiguration(servers: [FaultConfiguration.server(fault)], every: "200ms", slow: "200ms").text
        let lines = fault.log.count
        try await withDaemon(text) { daemon in
            try await daemon.page("all is well") { FaultOutageTests.isWell($0) }
            let loop = """
                DO $$ BEGIN FOR i IN 1..1000000 LOOP
                  EXECUTE 'CREATE TABLE coming (id serial PRIMARY KEY, body text); CREATE INDEX ON coming (body)';
                  COMMIT;
                  EXECUTE 'INSERT INTO coming (body) VALUES (1), (2); TRUNCATE coming';
                  COMMIT;
                  EXECUTE 'DROP TABLE coming';
                  COMMIT;
                END LOOP; END $$
                """
            let slots = """
                DO $$ BEGIN FOR i IN 1..1000000 LOOP
                  PERFORM pg_create_physical_replication_slot('coming', true);
                  COMMIT;
                  PERFORM pg_drop_replication_slot('coming');
                  COMMIT;
                END LOOP; END $$
                """
            let sessions = [try FaultSession(fault, [loop]), try FaultSession(fault, [slots])]
            defer { for session in sessions { session.end() } }
            let end = ContinuousClock.now + .seconds(6)
            while ContinuousClock.now < end {
                let page = try await daemon.page()
                #expect(page.value("pg_up") == 1)
                for sample in page.samples("pgsonde_collector_state") {
                    #expect(sample.labels["state"] != "failed", "\(sample.labels)")
                }
                try await Task.sleep(for: .milliseconds(100))
            }
            for session in sessions { session.end() }
            try await fault.sql(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder';
                SELECT pg_sleep(0.5);
                DROP TABLE IF EXISTS coming;
                SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'coming';
                """)
            try await daemon.page("all is well") { FaultOutageTests.isWell($0) }
        }
        let errors = fault.log.dropFirst(lines).filter { $0.contains("user=monitor,") && $0.contains("ERROR:") }
        #expect(errors == [])
    }

    @Test("a relation in a schema that the role may not use costs one ERROR, however many columns are read of it")
    func hidden() async throws {
        let fault = try await FaultStage.server()
        try await fault.sql("CREATE SCHEMA hidden; CREATE TABLE hidden.thing AS SELECT 1 AS a, 2 AS b, 3 AS c")
        let file = """
            name: hidden
            help: A row (hidden.thing).
            from: hidden.thing
            columns:
              - {gauge: a, sql: a, help: One (hidden.thing).}
              - {gauge: b, sql: b, help: Two (hidden.thing).}
              - {gauge: c, sql: c, help: Three (hidden.thing).}
            every: 1s
            """
        let text = FaultConfiguration(
            servers: [FaultConfiguration.server(fault)], onlyFast: true, more: "collectors_dir: collectors.d"
        ).text
        let lines = fault.log.count
        try await withDaemon(text, files: ["collectors.d/hidden.yaml": file]) { daemon in
            try await daemon.page("it is unavailable") { page in
                !page.samples("pgsonde_collector_state", ["collector": "hidden", "state": "unavailable"]).isEmpty
            }
            try await Task.sleep(for: .seconds(3))
            #expect(try await daemon.page().value("pg_up") == 1)
            #expect(daemon.log.contains("permission denied for schema hidden"))
        }
        let errors = fault.log.dropFirst(lines).filter { $0.contains("user=monitor,") && $0.contains("ERROR:") }
        #expect(errors.count == 1, "\(errors.joined(separator: "\n"))")
        try await fault.sql("DROP SCHEMA hidden CASCADE")
    }
}
