import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct FaultBudgetTests {
    @Test("a server never sees more sessions than its budget, all databases included", arguments: [1, 2])
    func budget(connections: Int) async throws {
        try await FaultServer.with { fault in
            for name in ["one", "two", "three"] { try await fault.sql("CREATE DATABASE \(name)") }
            let server = FaultConfiguration.server(fault, more: "connections: \(connections)")
            let text = FaultConfiguration(servers: [server], every: "500ms", slow: "500ms").text
            try await FaultSampler.during(fault, FaultSampler.sessions()) { sampler in
                try await withDaemon(text) { daemon in
                    try await daemon.page("all have run") { page in
                        page.value("pg_database_size_bytes", ["datname": "three"]) != nil
                            && !page.samples("pgsonde_collector_state").contains { $0.labels["state"] == "pending" }
                    }
                    try await Task.sleep(for: .seconds(4))
                    let page = try await daemon.page()
                    #expect(page.value("pg_up") == 1)
                    for sample in page.samples("pgsonde_collector_age_seconds") {
                        #expect(sample.value < 4, "\(sample.labels) gets its turn")
                    }
                    #expect(!page.samples("pgsonde_collector_state").contains { $0.labels["state"] == "failed" })
                }
                print("budget \(connections): at most \(Int(sampler.most)) sessions in \(sampler.count) looks")
                #expect(sampler.most == Double(connections))
                #expect(sampler.failure == nil)
            }
        }
    }

    @Test("a role that may have one session only: what is cheap goes on, the rest says why not, and nothing flaps")
    func oneForTwo() async throws {
        try await FaultServer.with { fault in
            try await fault.sql("ALTER ROLE monitor CONNECTION LIMIT 1")
            let text = FaultConfiguration(servers: [FaultConfiguration.server(fault)]).text
            try await withDaemon(text) { daemon in
                try await daemon.page("the reason shows") { page in
                    page.samples("pgsonde_collector_state", ["collector": "table_size", "state": "failed"]).count == 1
                }
                for _ in 0..<20 {
                    let page = try await daemon.page()
                    #expect(page.value("pg_up") == 1)
                    #expect((page.value("pgsonde_collector_age_seconds", ["collector": "activity"]) ?? 99) < 4)
                    try await Task.sleep(for: .milliseconds(200))
                }
                let page = try await daemon.page()
                let errors = ["collector": "table_size", "class": "too_many_connections"]
                #expect((page.value("pgsonde_collector_errors_total", errors) ?? 0) >= 1)
                #expect(fault.errors().count <= 5, "1, 2, 4 s and so on")
                #expect(!daemon.log.contains("does not answer"))
                try await fault.sql("ALTER ROLE monitor CONNECTION LIMIT -1")
                try await daemon.page("all is well") { page in
                    page.samples("pgsonde_collector_state", ["collector": "table_size", "state": "ok"]).count == 1
                }
            }
        }
    }

    @Test("other databases are visited no more often than logins_per_hour allows, as the server counts logins")
    func logins() async throws {
        try await FaultServer.with { fault in
            for name in ["one", "two", "three"] { try await fault.sql("CREATE DATABASE \(name)") }
            try await fault.sql("ALTER SYSTEM SET log_connections = on")
            try await fault.sql("SELECT pg_reload_conf()")
            let item = FaultConfiguration.server(fault, more: "logins_per_hour: 60")
            let logins = {
                fault.log.count { line in
                    line.contains("connection authorized: user=monitor")
                        && ["one", "two", "three"].contains { line.contains("database=\($0)") }
                }
            }
            try await withDaemon(FaultConfiguration(servers: [item], slow: "500ms").text) { daemon in
                let page = try await daemon.page("all have been visited") { page in
                    page.samples("pgsonde_databases_interval_seconds").contains { $0.value > 0 }
                        && page.value("pg_database_size_bytes", ["datname": "three"]) != nil
                }
                #expect(page.value("pgsonde_databases_interval_seconds") == 180, "three logins are worth three minutes")
                try await Task.sleep(for: .seconds(2))
                let first = logins()
                #expect(first >= 3)
                try await Task.sleep(for: .seconds(5))
                #expect(logins() == first)
                #expect(try await daemon.page().value("pg_up") == 1)
            }
        }
    }
}
