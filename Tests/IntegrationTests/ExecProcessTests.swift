import Foundation
import Glibc
import Testing

/// What the system knows of the commands that a daemon runs; no server is needed.
@Suite("The processes of commands")
struct ExecProcessTests {
    /// Says which processes it is, and stays, whatever it is asked.
    private static let stubborn = "trap '' TERM; sleep 1000 & echo $$ $! >>$HOME/pids; sleep 1001"

    private static func definition(
        _ name: String, _ script: String, every: String = "200ms", more: String = ""
    ) -> String {
        """
        name: \(name)
        help: Something (a command)
        exec: [sh, -c, '\(script.replacing("'", with: "''"))']
        every: \(every)
        \(more)
        """
    }

    private func withCommands<Value>(
        _ files: [String: String], environment: [String: String] = [:], _ body: (DaemonProcess) async throws -> Value
    ) async throws -> Value {
        let files = files.reduce(into: [:]) { $0["collectors.d/\($1.key).yaml"] = $1.value }
        return try await withDaemon(
            "{exec: true, collectors_dir: collectors.d, servers: [{name: none, host: 127.0.0.1, port: 1}]}",
            environment: environment, files: files, body)
    }

    @Test("a bad line costs its collector, whose last numbers stay until they expire, and never the page")
    func badLine() async throws {
        let flaky = "if [ -e $HOME/bad ]; then echo \"pg_flaky_x{ 1\"; else echo pg_flaky_x 1; fi"
        let files = [
            "flaky": Self.definition("flaky", flaky, more: "expire: 3s"),
            "clock": Self.definition("clock", "echo pg_clock_seconds $(date +%s.%N)"),
        ]
        try await withCommands(files) { daemon in
            try await daemon.page("both") { $0["pg_flaky_x"] != nil && $0["pg_clock_seconds"] != nil }
            try Data().write(to: daemon.folder.appendingPathComponent("bad"))
            let label = ["collector": "flaky"]
            try await daemon.page("the failure") { $0.value("pgsonde_collector_success", label) == 0 }
            let last = try await daemon.page("its last number is gone") { $0["pg_flaky_x"] == nil }
            #expect(try await daemon.get("/").text.contains("line 1 of its output: "))
            try await daemon.page("the other goes on") {
                ($0.value("pg_clock_seconds") ?? 0) > (last.value("pg_clock_seconds") ?? .infinity)
            }
            try FileManager.default.removeItem(at: daemon.folder.appendingPathComponent("bad"))
            try await daemon.page("it is back") { $0["pg_flaky_x"] != nil }
        }
    }

    @Test("what has run too long, or printed too much, is gone with all that it started")
    func limits() async throws {
        let talker = "sleep 1000 & echo $$ $! >>$HOME/pids; yes"
        for (script, more, detail) in [
            (Self.stubborn, "timeout: 200ms", "no end within 200ms"),
            (talker, "limit: {bytes: 100}", "prints more than 100 bytes"),
        ] {
            try await withCommands(["x": Self.definition("x", script, more: more)]) { daemon in
                try await eventually("the failure is told") { try await daemon.get("/").text.contains(detail) }
                let first = try #require(processes(daemon).first)
                try await expectGone(first)
            }
        }
    }

    @Test("a reload ends the command that runs, and another one begins; the end of the daemon leaves none")
    func reload() async throws {
        try await withCommands(["x": Self.definition("x", Self.stubborn, every: "1h", more: "timeout: 1h")]) { daemon in
            try await eventually("it runs") { processes(daemon).count == 1 }
            daemon.program.send(SIGHUP)
            try await eventually("it runs again") { processes(daemon).count == 2 }
            let (old, new) = (processes(daemon)[0], processes(daemon)[1])
            try await expectGone(old)
            #expect(new.allSatisfy(isRunning))
            let end = try await daemon.terminate()
            #expect(end.code == 0)
            try await expectGone(new)
        }
    }

    @Test("a daemon that is killed leaves neither its command nor what that has started")
    func kill() async throws {
        try await withCommands(["x": Self.definition("x", Self.stubborn, every: "1h", more: "timeout: 1h")]) { daemon in
            try await eventually("it runs") { processes(daemon).count == 1 }
            let running = processes(daemon)[0]
            #expect(running.allSatisfy(isRunning))
            _ = try await daemon.terminate(SIGKILL)
            try await expectGone(running)
        }
    }

    @Test("a command sees none of the daemon's secrets, sockets and files, and is in a group of its own")
    func surroundings() async throws {
        let secrets = [
            "PGPASSWORD": "secret", "PGSERVICEFILE": "/x", "DATA_SOURCE_USER": "u", "DATA_SOURCE_PASS": "secret",
            "LISTEN_FDS": "1", "LISTEN_FDNAMES": "a", "LISTEN_PID": "1", "NOTIFY_SOCKET": "/nowhere",
            "CREDENTIALS_DIRECTORY": "/run/credentials/x", "PGSONDE_LOG_LEVEL": "info", "AWS_SECRET_ACCESS_KEY": "s",
        ]
        let script = "echo $$ $$ >>$HOME/pids; exec sleep 1000"
        let file = Self.definition("x", script, every: "1h", more: "timeout: 1h\nenvironment: {MINE: 1}")
        try await withCommands(["x": file], environment: secrets) { daemon in
            try await eventually("it runs") {
                try processes(daemon).first.map { try text("/proc/\($0[0])/comm") == "sleep\n" } ?? false
            }
            let process = processes(daemon)[0][0]
            let names = try text("/proc/\(process)/environ").split(separator: "\0").map { $0.split(separator: "=")[0] }
            let known: Set<Substring> = [
                "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR", "MINE", "PWD", "OLDPWD",
                "SHLVL", "_",
            ]
            #expect(Set(names).subtracting(known) == [])
            #expect(names.contains("MINE"))
            let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")
            #expect(Set(files) == ["0", "1", "2"])
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd") == "/")
            #expect(getpgid(process) == process)
        }
    }

    /// The commands that said so, each with what it started.
    private func processes(_ daemon: DaemonProcess) -> [[pid_t]] {
        let lines = (try? text(daemon.folder.appendingPathComponent("pids").path)) ?? ""
        return lines.split(separator: "\n").map { $0.split(separator: " ").compactMap { pid_t($0) } }
            .filter { $0.count == 2 }
    }

    private func text(_ path: String) throws -> String {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw DaemonProgram.Failure(description: "\(path) cannot be read")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func expectGone(_ processes: [pid_t]) async throws {
        try await eventually("\(processes) are gone") { !processes.contains(where: isRunning) }
    }

    /// A zombie runs no more, whoever is to reap it.
    private func isRunning(_ process: pid_t) -> Bool {
        guard let stat = try? text("/proc/\(process)/stat") else { return false }
        return stat.split(separator: ") ").last?.hasPrefix("Z") == false
    }
}
