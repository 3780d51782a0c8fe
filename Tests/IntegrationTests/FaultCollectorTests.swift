import Testing

@Suite(.enabled(if: TestServers.isAvailable))
struct FaultCollectorTests {
    /// Definitions that go wrong, each in a way of its own, by file.
    private static let broken = [
        "collectors.d/no_function.yaml": """
        name: no_function
        help: Asks for a function that is not there (nothing).
        from: pg_database d
        columns:
          - {gauge: value, sql: "no_such_function(d.oid)", help: Nothing (nothing).}
        every: 1s
        """,
        "collectors.d/no_column.yaml": """
        name: no_column
        help: Asks for a column that is not there (pg_stat_database).
        from: pg_stat_database s
        columns:
          - {label: datname, sql: s.datname}
          - {gauge: backends, sql: s.numbackends, help: Sessions (pg_stat_database.numbackends).}
          - {counter: bogus_total, sql: s.no_such_column, help: Nothing (nothing).}
        every: 1s
        """,
        "collectors.d/too_slow.yaml": """
        name: too_slow
        help: Sleeps for longer than it may (pg_sleep()).
        from: (SELECT pg_sleep(5)) s
        columns:
          - {gauge: value, sql: "1", help: Nothing (nothing).}
        every: 1s
        timeout: 300ms
        """,
        "collectors.d/forbidden.yaml": """
        name: forbidden
        help: Reads what it may not (pg_authid).
        from: pg_authid a
        columns:
          - {gauge: roles, sql: "count(*)", help: Roles (pg_authid).}
        every: 1s
        """,
    ]

    private func state(_ page: PageText, _ collector: String) -> String? {
        page.samples("pgsonde_collector_state", ["collector": collector]).first?.labels["state"]
    }

    @Test("a broken collector costs itself, says so, backs off, and does not flood the server's log")
    func broken() async throws {
        try await FaultServer.with { fault in
            let text = FaultConfiguration(
                servers: [FaultConfiguration.server(fault)], onlyFast: true, more: "collectors_dir: collectors.d"
            ).text
            try await withDaemon(text, files: Self.broken) { daemon in
                let page = try await daemon.page("the slow one backs off", within: .seconds(20)) { page in
                    (page.value("pgsonde_collector_backoff_seconds", ["collector": "too_slow"]) ?? 0) > 1
                }
                #expect(page.value("pg_up") == 1)
                // Where the machine was busy, it has been tried a third time by now.
                #expect(["failed", "breaker_open"].contains(state(page, "too_slow")))
                #expect(
                    (page.value("pgsonde_collector_errors_total", ["collector": "too_slow", "class": "timeout"]) ?? 0)
                        >= 2)
                #expect(page.value("pgsonde_collector_success", ["collector": "too_slow"]) == 0)
                #expect(state(page, "no_function") == "unavailable")
                #expect(state(page, "forbidden") == "unavailable")
                for (collector, kind) in [("no_function", "undefined"), ("forbidden", "permission")] {
                    let errors = page.value("pgsonde_collector_errors_total", ["collector": collector, "class": kind])
                    #expect(errors == 1, "\(collector): the class of what was wrong is counted")
                }
                #expect(state(page, "no_column") == "ok", "a missing column costs one metric")
                #expect(page["pg_no_column_backends"] != nil)
                #expect(page["pg_no_column_bogus_total"] == nil)
                let sound = page.samples("pgsonde_collector_state").filter {
                    !Self.broken.keys.contains("collectors.d/\($0.labels["collector"] ?? "").yaml")
                        && !($0.labels["state"] == "unavailable"
                            && FaultConfiguration.beyondMonitor.contains($0.labels["collector"] ?? ""))
                        && !["disabled", "skipped_role", "skipped_version"].contains($0.labels["state"])
                }
                #expect(sound.count >= 12)
                for sample in sound {
                    let name = sample.labels["collector"] ?? ""
                    let told = daemon.log.split(separator: "\n").filter { $0.contains("collector=\(name) ") }
                    #expect(sample.labels["state"] == "ok", "\(name) pays for another: \(told)")
                    let age = page.value("pgsonde_collector_age_seconds", ["collector": name]) ?? .infinity
                    #expect(age < 4, "\(name) goes on at its interval")
                }
                // Nine cycles and more: each refusal is found out once, by one statement and by the probes of its columns.
                let errors = fault.errors()
                print("broken collectors: \(errors.count) ERROR lines")
                for (text, most) in [
                    ("no_such_function", 1), ("no_such_column", 1), ("pg_authid", 2), ("canceling statement", 6),
                ] {
                    let lines = errors.filter { $0.contains(text) }
                    #expect((1...most).contains(lines.count), "\(text):\n\(lines.joined(separator: "\n"))")
                }
                let warnings = daemon.log.split(separator: "\n").filter { $0.contains("collector=too_slow") }
                #expect(
                    warnings.count == 1 || warnings.count == 2 && warnings[1].contains("only probed"),
                    "the log says it once, and that it is given up to probes")
            }
        }
    }
}
