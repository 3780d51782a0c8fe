import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct LockTests {
    private static let tables = ["held", "queued", "indexed", "toasted", "free"]

    /// Our longest wait for a lock, in milliseconds.
    private static let wait = """
        SELECT coalesce(max(1000 * extract(epoch FROM clock_timestamp() - waitstart)), 0) AS n
        FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT granted AND a.usename = 'monitor'
        """

    @Test("locked relations keep their last values and are counted; all others are read, and nobody waits or fails")
    func locked() async throws {
        try await FaultServer.with { fault in
            try await fault.sql(
                Self.tables.map { name in
                    """
                    CREATE TABLE \(name) (id int, body text);
                    INSERT INTO \(name) SELECT i, repeat('x', 100) FROM generate_series(1, 1000) i;
                    INSERT INTO \(name) SELECT 0, string_agg(md5(i::text), '') FROM generate_series(1, 1000) i;
                    CREATE INDEX \(name)_id ON \(name) (id);
                    """
                }.joined())
            let toast = try await fault.sql(
                "SELECT i.indexrelid::regclass FROM pg_class c JOIN pg_index i ON i.indrelid = c.reltoastrelid WHERE c.relname = 'toasted'"
            )
            let text = FaultConfiguration(servers: [FaultConfiguration.server(fault)], slow: "1s").text
            try await FaultSampler.during(fault, Self.wait) { sampler in
                try await withDaemon(text) { daemon in
                    let before = try await daemon.page("all tables are there") { sizes(of: $0).count == 5 }
                    let holders = [
                        try FaultSession(fault, ["BEGIN", "LOCK TABLE held IN ACCESS EXCLUSIVE MODE"]),
                        try FaultSession(fault, ["BEGIN", "SELECT count(*) FROM queued"]),
                        try FaultSession(fault, ["BEGIN", "REINDEX INDEX indexed_id"]),
                        try FaultSession(fault, ["BEGIN", "REINDEX INDEX \(toast)"]),
                    ]
                    defer { for holder in holders { holder.end() } }
                    try await eventually("the locks are held") {
                        try await fault.sql(
                            "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'holder' AND l.mode = 'AccessExclusiveLock' AND granted"
                        ) >= "3"
                    }
                    let waiter = try FaultSession(fault, ["BEGIN", "LOCK TABLE queued IN ACCESS EXCLUSIVE MODE"])
                    defer { waiter.end() }
                    try await eventually("one waits") {
                        try await fault.sql(
                            "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'") == "1"
                    }
                    // Only a table that nobody locks can grow.
                    try await fault.sql("INSERT INTO free SELECT i, repeat('x', 100) FROM generate_series(1, 20000) i")
                    let during = try await daemon.page("sizes are read all the same", within: .seconds(15)) { page in
                        locked(page, "table_size") >= 3 && locked(page, "index_size") >= 3
                            && (sizes(of: page)["free"] ?? 0) > (sizes(of: before)["free"] ?? 0)
                    }
                    print(
                        "locks: \(locked(during, "table_size")) tables and \(locked(during, "index_size")) indexes left out"
                    )
                    for name in Self.tables where name != "free" {
                        #expect(sizes(of: during)[name] == sizes(of: before)[name], "\(name) keeps its last value")
                    }
                    for family in ["pg_table_n_live_tup", "pg_index_size_bytes"] {
                        #expect(Set(before.samples(family).map(\.labels)) == Set(during.samples(family).map(\.labels)))
                    }
                    // For some cycles more: nothing wears off.
                    try await Task.sleep(for: .seconds(3))
                    let after = try await daemon.page()
                    #expect(sizes(of: after).count == 5)
                    for name in ["table", "table_size", "index", "index_size"] {
                        #expect(
                            after.samples("pgsonde_collector_state", ["collector": name, "state": "ok"]).count == 1)
                        let age = after.value("pgsonde_collector_age_seconds", ["collector": name]) ?? .infinity
                        #expect(age < 4, "\(name) finishes at its interval")
                    }
                    #expect(fault.errors() == [])
                }
                print("locks: our longest wait was \(sampler.most) ms, of \(sampler.count) looks")
                #expect(sampler.most < 500)
                #expect(sampler.failure == nil)
            }
        }
    }

    private func sizes(of page: PageText) -> [String: Double] {
        let samples = page.families.first { $0.name.hasPrefix("pg_table_size_") }?.samples ?? []
        return Dictionary(
            samples.filter { $0.labels["datname"] == "postgres" }.map { ($0.labels["relname"] ?? "", $0.value) },
            uniquingKeysWith: { first, _ in first })
    }

    private func locked(_ page: PageText, _ collector: String) -> Int {
        Int(page.value("pgsonde_collector_locked_relations", ["collector": collector]) ?? 0)
    }

    @Test("a lock in another database, on a relation with the same number, costs nothing")
    func namesake() async throws {
        try await FaultServer.with { fault in
            try await fault.sql("CREATE DATABASE first")
            try await fault.sql("CREATE TABLE twin AS SELECT 1 AS one", database: "first")
            try await fault.sql("CREATE DATABASE second TEMPLATE first")
            let holder = try FaultSession(
                fault, ["BEGIN", "LOCK TABLE twin IN ACCESS EXCLUSIVE MODE"], database: "second")
            defer { holder.end() }
            try await eventually("the lock is held") {
                try await fault.sql("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted")
                    == "1"
            }
            let result = try await DaemonProgram.run(
                ["once"],
                environment: [
                    "DATA_SOURCE_NAME":
                        "host=\(fault.server.host) port=\(fault.server.port) user=monitor password=monitor dbname=postgres"
                ])
            let page = try PageText(result.output)
            let sizes = page.samples("pg_table_size_bytes", ["relname": "twin"])
            #expect(sizes.map { $0.labels["datname"] } == ["first"])
            #expect(locked(page, "table_size") == 1)
            // What opens nothing is told of both.
            #expect(page.samples("pg_table_n_live_tup", ["relname": "twin"]).count == 2)
        }
    }

    @Test("databases are dropped and copied while every database is polled, and a dropped one leaves the page")
    func databases() async throws {
        try await FaultServer.with { fault in
            for name in ["one", "two", "three"] { try await fault.sql("CREATE DATABASE \(name)") }
            let text = FaultConfiguration(servers: [FaultConfiguration.server(fault)], slow: "200ms").text
            try await withDaemon(text) { daemon in
                let has = { (page: PageText, name: String) in
                    page.value("pg_database_size_bytes", ["datname": name]) != nil
                }
                try await daemon.page("all databases are there") { page in
                    ["one", "two", "three"].allSatisfy { has(page, $0) }
                }
                var slowest = Duration.zero
                for round in 0..<8 {
                    let name = ["one", "two", "three"][round % 3]
                    let start = ContinuousClock.now
                    try await fault.sql("CREATE DATABASE copy TEMPLATE \(name)")
                    try await fault.sql("DROP DATABASE \(name)")
                    try await fault.sql("ALTER DATABASE copy RENAME TO \(name)")
                    slowest = max(slowest, .now - start)
                }
                print("databases: copied, dropped and renamed in \(slowest / .milliseconds(1)) ms at most")
                try await fault.sql("DROP DATABASE two")
                try await daemon.page("the dropped one has left", within: .seconds(5)) { page in
                    !has(page, "two") && !has(page, "copy") && has(page, "one") && has(page, "three")
                }
                try await daemon.page("nothing has failed for good") { page in
                    page.value("pg_up") == 1
                        && !page.samples("pgsonde_collector_state").contains { $0.labels["state"] == "failed" }
                }
            }
        }
    }
}
