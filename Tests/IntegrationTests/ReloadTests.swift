import Foundation
import Glibc
import Testing

@Suite("Reading the configuration anew", .enabled(if: TestServers.isAvailable))
struct ReloadTests {
    /// A counter of each of two rows, of which one has a name.
    private static let limited = """
        name: app_work
        help: Work (clock_timestamp())
        from: (VALUES ('a', 2), ('b', 1)) AS v(name, factor)
        columns:
          - {label: name, sql: v.name}
          - counter: done_total
            sql: (extract(epoch FROM clock_timestamp()) * v.factor)::bigint
            help: Work done (clock_timestamp())
        every: 500ms
        limit: {rows: 1, by: done_total}
        """

    private static func numbers(_ column: String) -> String {
        """
        name: app_numbers
        help: Numbers (generate_series())
        from: generate_series(1, 2) AS n
        columns:
          - {label: n, sql: n}
          - {gauge: \(column), sql: n, help: The number (generate_series())}
        every: 1s
        """
    }

    private static func configuration(_ names: [String], more: String = "") throws -> String {
        let server = try #require(TestServers.major(17))
        let lines = names.map { name in
            "  - {name: \(name), dsn: \"host=\(server.host) port=\(server.port) user=monitor password=monitor dbname=postgres\"}"
        }
        return """
            servers:
            \(lines.joined(separator: "\n"))
            collectors_dir: collectors.d
            collectors: {database: {every: 1s}, locks: {every: 1s}}
            \(more)
            """
    }

    private func write(_ text: String, to name: String, of daemon: DaemonProcess) throws {
        try Data(text.utf8).write(to: daemon.folder.appendingPathComponent(name))
    }

    @Test("what has changed is seen, and what has not keeps its sessions, numbers, counters and memory")
    func reload() async throws {
        let files = ["collectors.d/work.yaml": Self.limited, "collectors.d/numbers.yaml": Self.numbers("first")]
        try await withDaemon(try Self.configuration(["one"]), files: files) { daemon in
            let before = try await daemon.page("numbers, and work that was added up") {
                ($0.value("pg_app_work_done_total", ["name": "other"]) ?? 0) > 0 && $0["pg_app_numbers_first"] != nil
                    && $0["pg_database_size_bytes"] != nil
            }
            #expect(before.value("pgsonde_config_last_reload_successful") == 1)
            try write(Self.numbers("second"), to: "collectors.d/numbers.yaml", of: daemon)
            try write(
                try Self.configuration(["one"], more: "web: {listen: \":1\", max_connections: 100}"),
                to: "pgsonde.yaml", of: daemon)
            daemon.program.send(SIGHUP)
            let after = try await daemon.page("the new column") { $0["pg_app_numbers_second"] != nil }
            #expect(after["pg_app_numbers_first"] == nil)
            let sessions = "pgsonde_connections_opened_total"
            #expect(after.value(sessions) == before.value(sessions))
            #expect(try await PageCheck.findings(try await daemon.get("/metrics").text) == "")
            for name in ["pg_app_work_done_total", "pgsonde_scrapes_total"] {
                for sample in before.samples(name) {
                    #expect(try #require(after.value(name, sample.labels)) >= sample.value, "\(sample)")
                }
            }
            // What is dear is not asked for again.
            let last = ["collector": "database_size"]
            #expect(
                after.value("pgsonde_collector_last_success_timestamp_seconds", last)
                    == before.value("pgsonde_collector_last_success_timestamp_seconds", last))
            #expect(daemon.log.contains("the configuration was read anew"))
            // The flag says where it listens, now as before; what the listener does not take is told each time.
            daemon.program.send(SIGHUP)
            try await eventually("the listener keeps what it has") {
                daemon.log.ranges(of: "what has changed under web.max_connections holds from the next start on").count
                    == 2
            }
            #expect(try await daemon.terminate().code == 0)
        }
    }

    @Test("servers come and go; those that stay keep their sessions")
    func servers() async throws {
        try await withDaemon(try Self.configuration(["one"]), files: ["collectors.d/work.yaml": Self.limited]) {
            daemon in
            _ = try await daemon.page("work") { $0.value("pg_app_work_done_total", ["name": "a"]) != nil }
            try write(try Self.configuration(["two", "one"]), to: "pgsonde.yaml", of: daemon)
            daemon.program.send(SIGHUP)
            let both = try await daemon.page("two servers") {
                $0.value("pg_app_work_done_total", ["server": "two", "name": "a"]) != nil
                    && $0.value("pg_app_work_done_total", ["server": "one", "name": "a"]) != nil
            }
            #expect(both.samples("pg_app_work_done_total").allSatisfy { $0.labels["server"] != nil })
            try write(try Self.configuration(["one"]), to: "pgsonde.yaml", of: daemon)
            daemon.program.send(SIGHUP)
            let one = try await daemon.page("one server") {
                $0.samples("pg_up").count == 1 && $0["pg_app_work_done_total"] != nil
            }
            #expect(one.samples("pg_app_work_done_total").allSatisfy { $0.labels["server"] == nil })
            #expect(
                one.value("pgsonde_connections_opened_total")
                    == both.value("pgsonde_connections_opened_total", ["server": "one"]))
            let server = try #require(TestServers.major(17))
            try await eventually("the other's sessions are gone") {
                let count = try Shell.psql(
                    server, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgsonde'")
                return (Int(count) ?? 0) <= Int(one.value("pgsonde_connections") ?? 0)
            }
        }
    }

    @Test("where anything is wrong all stays as it was, which is told, until it is mended")
    func mistakes() async throws {
        let files = ["collectors.d/work.yaml": Self.limited, "collectors.d/numbers.yaml": Self.numbers("first")]
        let configuration = try Self.configuration(["one"])
        try await withDaemon(configuration, arguments: ["--web.enable-lifecycle"], files: files) { daemon in
            _ = try await daemon.page("numbers") { $0["pg_app_numbers_first"] != nil }
            let start = try #require(
                try await daemon.page().value("pgsonde_config_last_reload_success_timestamp_seconds"))
            try write(
                Self.numbers("second").replacing("help:", with: "hlep:"), to: "collectors.d/numbers.yaml", of: daemon)
            try write(
                "name: app_work\nhelp: h\nfrom: t\ncolumns: [{gauge: x, sql: x, help: h}]", to: "collectors.d/z.yaml",
                of: daemon)
            let refusal = try await daemon.get("/-/reload", method: "POST")
            #expect(refusal.status == 500)
            #expect(
                refusal.text.contains(
                    "collectors.d/numbers.yaml:2:1: unknown key \"hlep\" in a definition: did you mean \"help\"?"))
            #expect(refusal.text.contains("collectors.d/z.yaml:1:1: there is a collector of this name already"))
            let page = try await daemon.page()
            #expect(page.value("pgsonde_config_last_reload_successful") == 0)
            #expect(page.value("pgsonde_config_last_reload_success_timestamp_seconds") == start)
            let bad = page.samples("pgsonde_collector_file_error").filter { $0.value == 1 }.map {
                $0.labels["file"] ?? ""
            }
            #expect(bad.map { $0.split(separator: "/").last } == ["numbers.yaml", "z.yaml"])
            #expect(page["pg_app_numbers_first"] != nil)
            #expect(try await daemon.get("/").text.contains("did you mean &quot;help&quot;?"))
            try write("servers: [{name: one, hots: x}]", to: "pgsonde.yaml", of: daemon)
            #expect(try await daemon.get("/-/reload", method: "POST").text.contains("did you mean \"host\"?"))
            try write(configuration, to: "pgsonde.yaml", of: daemon)
            try write(Self.numbers("second"), to: "collectors.d/numbers.yaml", of: daemon)
            try FileManager.default.removeItem(at: daemon.folder.appendingPathComponent("collectors.d/z.yaml"))
            #expect(try await daemon.get("/-/reload", method: "PUT").status == 200)
            let mended = try await daemon.page("the new column") { $0["pg_app_numbers_second"] != nil }
            #expect(mended.value("pgsonde_config_last_reload_successful") == 1)
            #expect(try await daemon.get("/-/reload").status == 405)
        }
    }

    @Test("a reload that leaves out a file with mistakes, as the start did, says so")
    func leftOut() async throws {
        let files = ["collectors.d/work.yaml": Self.limited, "collectors.d/bad.yaml": "name: x\nhlep: h\n"]
        try await withDaemon(try Self.configuration(["one"]), arguments: ["--web.enable-lifecycle"], files: files) {
            daemon in
            let answer = try await daemon.get("/-/reload", method: "POST")
            #expect(answer.status == 200)
            #expect(answer.text.hasPrefix("the configuration was read anew, without files that have mistakes:\n"))
            #expect(answer.text.contains("collectors.d/bad.yaml:2:1: unknown key \"hlep\""), "\(answer.text)")
        }
    }

    @Test("a bad file costs itself at the start, and with --strict the start; files are watched where that is wanted")
    func start() async throws {
        let files = [
            "collectors.d/work.yaml": Self.limited, "collectors.d/bad.yaml": "name: [",
            "pgsonde.yaml": try Self.configuration(["one"]),
        ]
        let arguments = ["--config.file={folder}/pgsonde.yaml", "--config.auto-reload"]
        let strict = try await DaemonProgram.run(["run", "--strict"] + arguments, files: files)
        #expect(strict.code == 1)
        #expect(
            strict.error.contains("collectors.d/bad.yaml:2:1:") || strict.error.contains("collectors.d/bad.yaml:1:"))
        try await withDaemon(arguments: arguments, files: files) { daemon in
            let page = try await daemon.page("work") { $0["pg_app_work_done_total"] != nil }
            #expect(page.value("pgsonde_config_last_reload_successful") == 0)
            #expect(page["pgsonde_config_last_reload_success_timestamp_seconds"] == nil)
            #expect(try await daemon.get("/-/reload", method: "POST").status == 403)
            // What is bad as it was keeps nothing else back.
            try write(
                Self.numbers("other").replacing("app_numbers", with: "app_others"), to: "collectors.d/other.yaml",
                of: daemon)
            let other = try await daemon.page("the other file is read") { $0["pg_app_others_other"] != nil }
            #expect(other.value("pgsonde_config_last_reload_successful") == 0)
            #expect(other.samples("pgsonde_collector_file_error").filter { $0.value == 1 }.count == 1)
            try write(Self.numbers("first"), to: "collectors.d/bad.yaml", of: daemon)
            let mended = try await daemon.page("the file is read") { $0["pg_app_numbers_first"] != nil }
            #expect(mended.value("pgsonde_config_last_reload_successful") == 1)
        }
    }
}
