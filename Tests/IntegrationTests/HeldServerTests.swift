import Testing

/// On servers where something is held, waited for or broken, one of each major.
@Suite(.enabled(if: TestServers.isAvailable))
struct HeldServerTests {
    /// Two sessions in a chain behind one that idles in its transaction, one behind a prepared transaction, one that waits for a row.
    private static let chain = [
        "BEGIN; LOCK a; SELECT txid_current(); SELECT 1 \\watch 600",
        "SELECT pg_sleep(0.5); BEGIN; LOCK b; LOCK a;",
        "SELECT pg_sleep(1); BEGIN; LOCK b;",
        "SELECT pg_sleep(0.5); BEGIN; LOCK d;",
        "BEGIN; UPDATE e SET v = 1; SELECT 1 \\watch 600",
        "SELECT pg_sleep(0.5); BEGIN; UPDATE e SET v = 2;",
    ]

    private static let holders = """
        (SELECT 'session' AS holder, backend_xid AS xid FROM pg_stat_activity WHERE application_name = 'staged'
        UNION ALL SELECT 'session', backend_xmin FROM pg_stat_activity WHERE application_name = 'staged'
        UNION ALL SELECT 'prepared', transaction FROM pg_prepared_xacts
        UNION ALL SELECT 'slot_catalog', catalog_xmin FROM pg_replication_slots) AS h
        """

    @Test("who blocks whom and who holds back vacuum is counted, prepared transactions too", arguments: TestServers.all)
    func holders(_ test: TestServers.Server) async throws {
        let server = try await PageServer.fresh(test.major, "held").0
        try await server.sql(
            """
            CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE d (); CREATE TABLE e AS SELECT 0 AS v;
            SELECT pg_create_logical_replication_slot('decoded', 'pgoutput');
            BEGIN; LOCK d; SELECT txid_current(); PREPARE TRANSACTION 'held';
            """)
        try await server.withSessions(Self.chain, until: "SELECT count(*) = 4 FROM pg_locks WHERE NOT granted") { _ in
            try await server.sql(String(repeating: "SELECT txid_current();\n", count: 30))
            func ages() async throws -> [String: Double] {
                var ages: [String: Double] = [:]
                for holder in ["session", "prepared", "slot_catalog"] {
                    ages[holder] = try await server.number(
                        "max(age(xid)) FROM \(Self.holders) WHERE holder = '\(holder)'")
                }
                return ages
            }
            let (before, since) = (try await ages(), try await server.number("extract(epoch FROM clock_timestamp())"))
            let page = try PageText(try await server.once())
            let after = try await ages()
            let passed = try await server.number("extract(epoch FROM clock_timestamp())") - since

            for (holder, age) in before {
                let ours = try #require(page.value("pg_xmin_horizon_age", ["holder": holder, "datname": "postgres"]))
                #expect(age >= 30 && age <= ours && ours <= after[holder] ?? 0, "\(holder): \(age), \(ours)")
            }
            #expect(page.value("pg_xmin_horizon_holders", ["holder": "prepared"]) == 1)
            #expect(page.value("pg_blocking_sessions") == 4)
            #expect(page.value("pg_blocking_chain_depth") == 2)
            #expect(page.value("pg_blocking_root_blockers") == 3)
            #expect(page.value("pg_blocking_root_blockers_idle") == 2)
            #expect(page.value("pg_blocking_root_blockers_prepared") == 1)
            let oldest = try await server.number(
                "extract(epoch FROM clock_timestamp() - min(xact_start)) FROM pg_stat_activity WHERE application_name = 'staged'"
            )
            let root = try #require(page.value("pg_blocking_root_oldest_transaction_seconds"))
            #expect(root <= oldest && root >= oldest - passed - 1)
            let wait = page.value("pg_blocking_longest_wait_seconds")
            #expect(server.major < 14 ? wait == nil : wait.map { $0 > 0 && $0 < oldest } == true)

            // The lock on a transaction has no database of its own, and neither has that on a prepared one a process.
            let row = ["datname": "postgres", "locktype": "transactionid", "mode": "ShareLock"]
            #expect(page.value("pg_locks_waiting", row) == 1)
            let held = ["datname": "postgres", "locktype": "relation", "mode": "AccessExclusiveLock"]
            #expect(page.value("pg_locks_granted", held) == 3)
            #expect(page.value("pg_locks_waiting", held) == 3)

            #expect(page.value("pg_prepared_xacts_transactions", ["datname": "postgres"]) == 1)
            #expect(page.value("pg_prepared_xacts_transactions", ["datname": "template1"]) == 0)
            let prepared = try await server.number(
                "extract(epoch FROM clock_timestamp() - prepared) FROM pg_prepared_xacts")
            let shown = try #require(page.value("pg_prepared_xacts_oldest_seconds", ["datname": "postgres"]))
            #expect(shown <= prepared && shown >= prepared - passed - 1)
            #expect(
                page.value("pg_prepared_xacts_oldest_xid_age", ["datname": "postgres"])
                    == page.value("pg_xmin_horizon_age", ["holder": "prepared"]))
            let used = try #require(page.value("pg_connection_slots_used"))
            #expect(used >= 7 && used <= 9, "six sessions and ours: \(used)")
        }
    }

    @Test(
        "a database that is half dropped, one whose collation changed, and a slot that is lost, are told",
        arguments: TestServers.all)
    func broken(_ test: TestServers.Server) async throws {
        let server = try await PageServer.fresh(test.major, "broken").0
        try await server.sql(
            """
            CREATE DATABASE broken;
            SELECT pg_create_logical_replication_slot('lost', 'pgoutput');
            ALTER SYSTEM SET max_slot_wal_keep_size = '1MB';
            SELECT pg_reload_conf();
            SELECT txid_current(); SELECT pg_switch_wal();
            SELECT txid_current(); SELECT pg_switch_wal();
            SELECT txid_current(); SELECT pg_switch_wal();
            CHECKPOINT;
            """)
        try await server.sql("UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'broken'")
        if server.major >= 17 {
            try await server.sql(
                "CREATE DATABASE sorted TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'")
        }
        if server.major >= 15 {
            try await server.sql("UPDATE pg_database SET datcollversion = '0' WHERE datname = 'template0'")
        }
        let page = try PageText(try await server.once())
        #expect(page.value("pg_database_valid", ["datname": "broken"]) == 0)
        #expect(page.value("pg_database_valid", ["datname": "postgres"]) == 1)
        #expect(page.samples("pg_database_size_bytes", ["datname": "broken"]).isEmpty, "it must not be visited")
        let changed = page.samples("pg_database_collation_version_mismatch")
        var wanted: [String: Double] = [:]
        if server.major >= 15 { wanted["template0"] = 1 }
        if server.major >= 17 { wanted["sorted"] = 0 }
        #expect(Dictionary(uniqueKeysWithValues: changed.map { ($0.labels["datname"] ?? "", $0.value) }) == wanted)
        let kept = "pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn) FROM pg_replication_slots"
        #expect(try await server.number(kept) > 0)
        #expect(page.value("pg_replication_slot_info", ["slot_name": "lost", "wal_status": "lost"]) == 1)
        #expect(page.value("pg_replication_slot_active", ["slot_name": "lost"]) == 0)
        for name in ["retained_bytes", "confirmed_flush_lag_bytes", "xmin_age", "catalog_xmin_age"] {
            #expect(page.samples("pg_replication_slot_\(name)").isEmpty, "it keeps nothing: \(name)")
        }
    }
}
