import Testing

@Suite(.enabled(if: TestServers.all.contains { $0.standby != nil }))
struct StandbyHoldsTests {
    @Test("what a standby's queries hold on the primary, and what replay cancels, is counted")
    func feedback() async throws {
        let major = try #require(TestServers.all.first { $0.standby != nil }).major
        let (primary, found) = try await PageServer.fresh(major, "feedback", standby: true)
        let standby = try #require(found)
        try await primary.sql("CREATE TABLE read AS SELECT 1 AS a")
        try await standby.sql(
            """
            ALTER SYSTEM SET hot_standby_feedback = on; ALTER SYSTEM SET wal_receiver_status_interval = '1s';
            ALTER SYSTEM SET max_standby_streaming_delay = '100ms'; SELECT pg_reload_conf();
            """)
        try await eventually("the standby has the table") {
            try await standby.sql("SELECT count(*) FROM read") == "1"
        }
        let reading = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM read; SELECT 1 \\watch 600"
        let isHeld = "SELECT count(*) = 1 FROM pg_stat_activity WHERE state = 'idle in transaction'"
        try await standby.withSessions([reading], until: isHeld) { _ in
            // By a slot at first, as the standby was made, and then without one.
            for (holder, source) in [
                ("slot", "xmin FROM pg_replication_slots"), ("standby", "backend_xmin FROM pg_stat_replication"),
            ] {
                if holder == "standby" {
                    try await standby.sql("ALTER SYSTEM SET primary_slot_name = ''; SELECT pg_reload_conf()")
                }
                // At first the primary may know of an older session, which has ended since.
                let read = try await standby.sql(
                    "SELECT min(backend_xmin::text::int) FROM pg_stat_activity WHERE state = 'idle in transaction'")
                try await eventually("the primary knows of it as \(holder)") {
                    try await primary.sql("SELECT \(source)") == read
                }
                try await primary.sql(String(repeating: "SELECT txid_current();\n", count: 20))
                let before = try await primary.number("age(xid) FROM (SELECT \(source)) AS h (xid)")
                let page = try PageText(try await primary.once())
                let after = try await primary.number("age(xid) FROM (SELECT \(source)) AS h (xid)")
                let age = try #require(page.value("pg_xmin_horizon_age", ["holder": holder, "datname": ""]))
                #expect(before >= 20 && before <= age && age <= after, "\(holder): \(before), \(age), \(after)")
            }
            try await primary.sql("ALTER TABLE read ADD b int")
            try await eventually("replay cancelled the reader") {
                try await standby.sql("SELECT sum(confl_lock) > 0 FROM pg_stat_database_conflicts") == "t"
            }
        }
        let page = try PageText(try await standby.once())
        #expect(page.value("pg_database_conflicts_lock_total", ["datname": "postgres"]) == 1)
        #expect(page.value("pg_database_conflicts_snapshot_total", ["datname": "postgres"]) == 0)
        #expect(try PageText(try await primary.once())["pg_database_conflicts_lock_total"] == nil)
    }
}
