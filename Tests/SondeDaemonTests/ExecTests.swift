import Glibc
import Logging
import Sonde
import Testing

@testable import SondeDaemon

@Suite("Collectors that run commands")
struct ExecTests {
    @Test("what a command prints becomes families of its collector, with the labels that the user sets")
    func page() async throws {
        let text = try await page(
            "printf '# TYPE pg_x_a counter\\npg_x_a{y=\"1\"} 2\\npg_x_b 3\\n'", labels: [("site", "s")])
        #expect(
            text == """
                # HELP pg_x_a H
                # TYPE pg_x_a counter
                pg_x_a{site="s",y="1"} 2
                # HELP pg_x_b H
                # TYPE pg_x_b untyped
                pg_x_b{site="s"} 3

                """)
    }

    @Test("a run fails as a whole, and says why", arguments: failures)
    func failure(script: String, reason: String) async {
        await #expect {
            _ = try await page(script, labels: [("site", "s")])
        } throws: { error in
            "\(error)" == reason
        }
    }

    private static let failures: [(String, String)] = [
        ("echo 'pg_x_a 1'; exit 3", "the command failed with exit code 3"),
        ("echo 'no stanza\nmore' >&2; exit 3", "the command failed with exit code 3: no stanza"),
        ("echo 'pg_x_a 1'; kill -9 $$", "the command was ended by signal 9"),
        (
            "echo 'pg_y_a 1'",
            "line 1 of its output: \"pg_y_a\" is none of this collector's names, which begin with pg_x_"
        ),
        ("echo 'pg_x 1'", "line 1 of its output: \"pg_x\" is none of this collector's names, which begin with pg_x_"),
        (
            "echo 'pg_x_a{site=\"1\"} 1'",
            "line 1 of its output: pg_x_a has the label site, which is set by the key \"labels\""
        ),
        ("printf 'pg_x_a 1\\npg_x_a 1\\n'", "line 2 of its output: pg_x_a is there already with the same labels"),
        (
            "printf 'pg_x_a 1\\npg_x_a{z=\"\"} 1\\n'",
            "line 2 of its output: pg_x_a is there already with the same labels"
        ),
        (
            "printf '# TYPE pg_x_a summary\\npg_x_a_sum 1\\n# TYPE pg_x_a_sum gauge\\npg_x_a_sum 2\\n'",
            "line 3 of its output: pg_x_a_sum is also the name of samples of an earlier family"
        ),
        ("yes", "the command prints more than 1000 bytes"),
        ("printf 'pg_x_a 1'", "line 1 of its output: it does not end: print a line feed after it"),
    ]

    @Test("a program that is not there, or may not be run, is told")
    func missing() async {
        for program in ["/nowhere/x", "nowhere-to-be-found", "/etc/passwd"] {
            await #expect {
                _ = try await ExecRun(command: [program], environment: [:], mostBytes: 10).result()
            } throws: {
                "\($0)" == "there is no program \"\(program)\", or it may not be run"
            }
        }
    }

    @Test("a command has few of our variables, none of our descriptors and an empty input")
    func surroundings() async throws {
        unsafe setenv("PGPASSWORD", "secret", 1)
        unsafe setenv("NOTIFY_SOCKET", "/nowhere", 1)
        defer {
            unsafe unsetenv("PGPASSWORD")
            unsafe unsetenv("NOTIFY_SOCKET")
        }
        // One that is not closed on exec, as systemd hands them over.
        let descriptor = unsafe open("/dev/null", O_RDONLY)
        let copy = dup2(descriptor, 400)
        defer {
            close(descriptor)
            close(copy)
        }
        let script = "env | cut -d= -f1; cat; pwd; ls -d /proc/self/fd/400 2>/dev/null; true"
        let run = ExecRun(command: ["sh", "-c", script], environment: ["MINE": "1"], mostBytes: 10_000)
        let lines = Set(String(decoding: try await run.result().output, as: UTF8.self).split(separator: "\n"))
        let shells: Set<Substring> = ["PWD", "SHLVL", "OLDPWD", "_"]
        #expect(lines.subtracting(shells).isSubset(of: Set(ExecRun.kept.map { $0[...] } + ["MINE", "/"])))
        #expect(lines.isSuperset(of: ["MINE", "PATH", "/"]))
    }

    @Test("nothing that a command has started is left when it ends")
    func orphans() async throws {
        let script = "sleep 1000 & echo $!; sleep 1001 >/dev/null 2>&1 & echo $!"
        let result = try await ExecRun(command: ["sh", "-c", script], environment: [:], mostBytes: 1_000).result()
        #expect(result.failure == nil)
        try await expectGone(result.output)
    }

    @Test("a command that ignores being asked to end is killed with its children when its time is over")
    func stubborn() async throws {
        let path = "/tmp/pgsonde-exec-\(getpid())-\(Int.random(in: 0..<(1 << 40)))"
        defer { unsafe unlink(path) }
        let script = "trap '' TERM; sleep 1000 & echo $! $$ >\(path); sleep 1001"
        let task = Task {
            try await ExecRun(command: ["sh", "-c", script], environment: [:], mostBytes: 1_000).result()
        }
        var bytes: [UInt8] = []
        for _ in 0..<600 where bytes.last != UInt8(ascii: "\n") {
            try await Task.sleep(for: .milliseconds(10))
            bytes = (try? BoundedFile.read(path, atMost: 100).bytes) ?? []
        }
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
        try await expectGone(bytes)
    }

    @Test("what has lost its parent is reaped where it becomes ours, as that of the first process in a container does")
    func firstProcess() async throws {
        try Self.adoptOrphans(true)
        defer { try? Self.adoptOrphans(false) }
        let script = "(sleep 1000 >/dev/null 2>&1 &); echo $$"
        let result = try await ExecRun(command: ["sh", "-c", script], environment: [:], mostBytes: 1_000).result()
        let text = String(decoding: result.output, as: UTF8.self).filter { !$0.isNewline }
        let group = try #require(id_t(text))
        var information = unsafe siginfo_t()
        let isLeft = { unsafe waitid(P_PGID, group, &information, WEXITED | WNOHANG | WNOWAIT) == 0 }
        for _ in 0..<600 where isLeft() { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!isLeft())
    }

    @Test("a command that waits for all its children waits for its own only")
    func waits() async throws {
        let script = "import os\ntry:\n while True: os.wait()\nexcept ChildProcessError: print(1)"
        let result = try await ExecRun(command: ["python3", "-c", script], environment: [:], mostBytes: 10).result()
        #expect(String(decoding: result.output, as: UTF8.self) == "1\n")
    }

    @Test("what a command says on its standard error is kept up to a bound, and the rest does not hold it up")
    func complaint() async throws {
        let script = "head -c 300000 /dev/zero | tr '\\0' x >&2; echo done"
        let result = try await ExecRun(command: ["sh", "-c", script], environment: [:], mostBytes: 1_000).result()
        #expect(result.complaint.utf8.count == 2_000)
        #expect(String(decoding: result.output, as: UTF8.self) == "done\n")
    }

    /// Makes this process what children of its children are given to when their parents end, or no longer.
    private static func adoptOrphans(_ isOn: Bool) throws {
        typealias Control = @convention(c) (CInt, CUnsignedLong, CUnsignedLong, CUnsignedLong, CUnsignedLong) -> CInt
        // Swift cannot call it by its name, since its arguments vary. 36 is PR_SET_CHILD_SUBREAPER.
        let symbol = try unsafe #require(unsafe dlsym(nil, "prctl"))
        let control = unsafe unsafeBitCast(symbol, to: Control.self)
        #expect(control(36, isOn ? 1 : 0, 0, 0, 0) == 0)
    }

    /// Runs a script as the daemon would, once.
    private func page(_ script: String, labels: [(name: String, value: String)]) async throws -> String {
        let collector = ExecCollector(
            name: "x", help: "H", prefix: "pg_x", command: ["sh", "-c", script], environment: [:], labels: labels,
            limits: Exposition.Limits(bytes: 1_000), cost: .medium, timing: Cost.medium.timing, enabled: true,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        var probe = collector.makeProbe(for: collector.timing)
        var samples = Samples(metrics: collector.metrics)
        try await probe.read(into: &samples)
        var page = ""
        for (index, metric) in samples.metrics.enumerated() {
            page += String(decoding: metric.header, as: UTF8.self) + samples.string(of: index)
        }
        return page
    }

    /// Expects that none of some processes is left; one that was killed may take a moment to go.
    private func expectGone(_ output: [UInt8]) async throws {
        let processes = String(decoding: output, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap {
            pid_t($0)
        }
        #expect(processes.count == 2)
        for process in processes {
            for _ in 0..<600 where Self.isRunning(process) { try await Task.sleep(for: .milliseconds(10)) }
            #expect(!Self.isRunning(process), "process \(process) is left")
        }
    }

    /// A zombie runs no more, whoever is to reap it.
    private static func isRunning(_ process: pid_t) -> Bool {
        guard let bytes = try? BoundedFile.read("/proc/\(process)/stat", atMost: 10_000).bytes else { return false }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.split(separator: ") ").last?.hasPrefix("Z") == false
    }
}
