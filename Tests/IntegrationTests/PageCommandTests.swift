import Foundation
import Testing

struct PageCommandTests {
    /// A command line, its exit code, and a part of what is printed.
    struct Line: Sendable, CustomTestStringConvertible {
        let words: [String]
        let code: Int32
        let says: String

        init(_ words: String, _ code: Int32, _ says: String) {
            self.words = words.split(separator: " ").map(String.init)
            self.code = code
            self.says = says
        }

        var testDescription: String { "pgsonde \(words.joined(separator: " "))" }
    }

    @Test(
        "the exit code says what is wrong, and the message how to mend it",
        arguments: [
            Line("rnu", 2, "did you mean 'run'"),
            Line("--web.listen-adress=:1", 2, "--web.listen-address"),
            Line("once --bogus", 2, "--bogus"),
            Line("once extra", 2, "extra"),
            Line("check --conect", 2, "--connect"),
            Line("--config.file", 2, "--config.file"),
            Line("collector show", 2, "name"),
            Line("collector show tabel", 2, "did you mean \"table\""),
            Line("collector lst", 2, "lst"),
            Line("collector test", 2, "files"),
            Line("collector test /nonexistent.yaml", 1, "/nonexistent.yaml: cannot be opened"),
            Line("collector test /dev/null", 1, "there is no definition in it"),
            Line("collector test --help", 0, "--explain"),
            Line("collector new", 2, "name"),
            Line("collector new Bad-Name", 2, "lower-case letters"),
            Line("collector new locks", 2, "there is a collector locks already"),
            Line("collector new app_jobs", 0, "name: app_jobs"),
            Line("collector new app_jobs --output /dev/null", 1, "/dev/null: cannot be made: File exists"),
            Line("--no-collector.tabel check", 2, "did you mean \"table\""),
            Line("check --log.level=debgu", 2, "did you mean \"debug\""),
            Line("check --web.listen-address=nonsense", 2, "--web.listen-address"),
            Line("check --config.file=/nonexistent.yaml", 1, "/nonexistent.yaml"),
            Line("collector show wal --sql --server-version 13", 1, "wal"),
            Line("--version", 0, "pgsonde "),
            Line("--help", 0, "--web.listen-address"),
            Line("help once", 0, "--config.file"),
            Line("once --help", 0, "--config.file"),
            Line("--generate-completion-script bash", 0, "complete"),
            Line("--generate-completion-script zsh", 0, "compdef"),
            Line("check --no-collector.table", 0, "good"),
            Line("check --no-collector.stat_bgwriter", 0, "good"),
            Line("check --names pgsonde --no-collector.stat_bgwriter", 2, "--names postgres_exporter"),
            Line("--no-collector.table check", 0, "good"),
            Line("--log.format=json --collector.locks check --log.level debug", 0, "good"),
        ])
    func line(_ line: Line) async throws {
        let result = try await DaemonProgram.run(line.words, environment: ["PGHOST": "127.0.0.1"])
        #expect(result.code == line.code, "\(result.output)\(result.error)")
        #expect((result.output + result.error).contains(line.says), "\(result.output)\(result.error)")
        // What is asked for is on standard output, complaints are not.
        #expect(line.code == 0 ? result.error.isEmpty : result.output.isEmpty, "\(result.output)\(result.error)")
    }

    @Test(
        "a mistake in the file is named by file, line and column",
        arguments: [
            ("servers:\n  - {name: a, hots: b}\n", ":2:15", "host"),
            ("web:\n  listen: 9187x\n", ":2:11", "9187x"),
            ("collectors:\n  tabel: false\n", ":2:3", "table"),
            ("log: {level: loud}\n", ":1:14", "level"),
            ("sevrers: []\n", ":1:1", "servers"),
        ])
    func file(text: String, place: String, says: String) async throws {
        let result = try await DaemonProgram.run(
            ["check", "--config.file={folder}/bad.yaml"], files: ["bad.yaml": text])
        #expect(result.code == 1)
        #expect(result.error.contains("bad.yaml\(place)"), "\(result.error)")
        #expect(result.error.contains(says), "\(result.error)")
    }

    @Test("every collector can be listed and shown")
    func collectors() async throws {
        let list = try await DaemonProgram.run(["collector", "list"])
        #expect(list.code == 0)
        let names = list.output.split(separator: "\n").dropFirst().compactMap {
            $0.split(separator: " ").first.map(String.init)
        }
        #expect(names.count >= 20)
        var copies: [String: String] = ["c.yaml": "collectors_dir: d\n"]
        for name in names {
            let sql = try await DaemonProgram.run(["collector", "show", name, "--sql", "--server-version", "18"])
            // Not every collector is for 18, and not every one asks PostgreSQL.
            #expect(sql.code == 0 || sql.error.contains("does not run there"), "\(name): \(sql.error)")
            let words = name.hasPrefix("pgbouncer_") ? "SHOW" : "SELECT"
            #expect(sql.code != 0 || sql.output.contains(words), "\(name)")
            let shown = try await DaemonProgram.run(["collector", "show", name])
            // What is code cannot be shown as data, and says so.
            #expect(shown.code == 0 || shown.error.contains("--sql"), "\(name): \(shown.error)")
            guard shown.code == 0 else { continue }
            copies["d/\(name).yaml"] = shown.output.replacing("name: \(name)\n", with: "name: copy_of_\(name)\n")
        }
        let check = try await DaemonProgram.run(
            ["check", "--config.file={folder}/c.yaml"], environment: ["PGHOST": "127.0.0.1"], files: copies)
        #expect(check.code == 0 && check.error.isEmpty, "\(check.error)")
        #expect(check.output.contains("collectors: \(names.count + copies.count - 1)\n"), "\(check.output)")
    }

    @Test("a switched-off collector does not run", .enabled(if: TestServers.isAvailable), arguments: [true, false])
    func switchedOff(isFirst: Bool) async throws {
        let server = try #require(TestServers.all.last)
        let dsn = "host=\(server.host) port=\(server.port) user=monitor password=monitor dbname=postgres"
        let words = isFirst ? ["--no-collector.settings", "once"] : ["once", "--no-collector.settings"]
        let result = try await DaemonProgram.run(words, environment: ["DATA_SOURCE_NAME": dsn])
        #expect(result.code == 0, "\(result.error)")
        let page = try PageText(result.output)
        #expect(page["pg_settings_bytes"] == nil)
        #expect(page["pg_database_numbackends"] != nil)
        #expect(page.samples("pgsonde_collector_state", ["collector": "settings", "state": "disabled"]).count == 1)
    }

    @Test("check --connect says how each server and collector stands", .enabled(if: TestServers.isAvailable))
    func connects() async throws {
        let server = try #require(TestServers.all.last)
        let good = "host=\(server.host) port=\(server.port) user=monitor dbname=postgres"
        let fine = try await DaemonProgram.run(
            ["check", "--connect"], environment: ["DATA_SOURCE_NAME": "\(good) password=monitor"])
        #expect(fine.code == 0, "\(fine.output)\(fine.error)")
        #expect(fine.output.contains("PostgreSQL \(server.major)"))
        #expect(fine.output.contains("settings: ok"))
        let refused = try await DaemonProgram.run(
            ["check", "--connect"], environment: ["DATA_SOURCE_NAME": "\(good) password=s3cret"])
        #expect(refused.code == 1)
        #expect(refused.output.contains("auth: "), "\(refused.output)\(refused.error)")
        #expect(!(refused.output + refused.error).contains("s3cret"))
        let gone = try await DaemonProgram.run(
            ["check", "--connect"], environment: ["DATA_SOURCE_NAME": "host=127.0.0.1 port=1 user=monitor"])
        #expect(gone.code == 1)
        #expect(gone.output.contains("network: "), "\(gone.output)\(gone.error)")
    }
}
