import Glibc
import Subprocess
import SystemPackage

/// One run of a command: in a process group of its own, of which nothing is left when it is over.
struct ExecRun {
    /// What came of it.
    struct Result: Sendable {
        var output: [UInt8] = []
        /// The beginning of what it said on its standard error.
        var complaint = ""
        /// What went wrong, to follow "the command"; nil where it ended well.
        var failure: String?
    }

    /// The variables of ours that commands have, too: none that would let them speak for us, or reach our databases.
    static let kept = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR"]
    /// The most that is kept of what it says on its standard error.
    private static let mostComplaint = 2_000
    /// The time that it has to end when it was asked to, before it is killed.
    private static let grace = Duration.milliseconds(500)
    /// Has a shell become the command, after it has left a watcher in the group, which ends all of it when our end of its input is
    /// closed: at the latest when we are gone, however that came.
    ///
    /// The watcher is no child of the command's, which may wait for all that it has; and it stays when the group is asked to end.
    private static let watched = """
        exec 3<&0 </dev/null
        ( ( trap '' HUP INT TERM; read -r end; kill -KILL 0 ) <&3 3<&- >/dev/null 2>&1 & )
        exec "$@" 3<&-
        """
    private static let shell = "/bin/sh"

    /// The program and its arguments.
    let command: [String]
    /// Variables beside those that are kept.
    let environment: [String: String]
    /// The most bytes that it may print.
    let mostBytes: Int

    /// Runs the command; where the task is cancelled it is ended, with everything that it has started.
    ///
    /// - Throws: what kept it from being run, or the cancellation.
    func result() async throws -> Result {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: Self.grace)]
        let program = try await program()
        let arguments = command.dropFirst()
        // An image without a shell ends with its first process, which is us.
        let isWatched = unsafe access(Self.shell, X_OK) == 0
        var group: pid_t?
        defer { if let group { Task { await Self.reap(group) } } }
        do {
            let outcome = try await run(
                .path(FilePath(isWatched ? Self.shell : program)),
                arguments: Subprocess.Arguments(
                    (isWatched ? ["-c", Self.watched, Self.shell, program] : []) + arguments),
                environment: .custom(variables), workingDirectory: "/", platformOptions: options,
                input: .inputWriter, output: .sequence, error: .sequence
            ) { execution in
                let leader = execution.processIdentifier.value
                group = leader
                async let complaint = Self.beginning(of: execution.standardError)
                var result = await Self.output(of: execution.standardOutput, atMost: mostBytes)
                // Nobody reads the rest, so it would wait for us.
                if result.failure != nil { kill(-leader, SIGKILL) }
                await Self.awaitEnd(of: leader)
                // What it left behind. The group is still its own: it is a zombie until this closure returns.
                kill(-leader, SIGKILL)
                result.complaint = await complaint
                return result
            }
            try Task.checkCancellation()
            var result = outcome.closureResult
            result.failure = result.failure ?? Self.failure(outcome.terminationStatus)
            return result
        } catch let error as SubprocessError {
            let reason = error.underlyingError.map { BoundedFile.reason($0.rawValue) } ?? "\(error.code)"
            throw ExecProbe.Failure(description: "\(Spelling.quoted(program)) cannot be run: \(reason)")
        }
    }

    /// The path of the program.
    ///
    /// - Throws: where there is none that may be run.
    private func program() async throws -> String {
        let name = command.first ?? ""
        let path =
            name.contains("/")
            ? name : try? await Executable.name(name).resolveExecutablePath(in: .custom(variables)).string
        guard let path, unsafe access(path, X_OK) == 0 else {
            throw ExecProbe.Failure(description: "there is no program \(Spelling.quoted(name)), or it may not be run")
        }
        return path
    }

    private var variables: [Subprocess.Environment.Key: String] {
        var values: [Subprocess.Environment.Key: String] = [:]
        for name in Self.kept {
            if let value = unsafe getenv(name) { values[.init(stringLiteral: name)] = unsafe String(cString: value) }
        }
        for (name, value) in environment { values[.init(stringLiteral: name)] = value }
        return values
    }

    /// Reads all that it prints, up to the limit.
    private static func output(of sequence: SubprocessOutputSequence, atMost limit: Int) async -> Result {
        var result = Result()
        do {
            for try await buffer in sequence {
                guard result.output.count + buffer.count <= limit else {
                    result.failure = "prints more than \(limit) bytes"
                    return result
                }
                unsafe buffer.withUnsafeBytes { unsafe result.output += $0 }
            }
        } catch {
            result.failure = "cannot be read from: \(error)"
        }
        return result
    }

    /// The beginning of a text of which the rest is read and dropped.
    private static func beginning(of sequence: SubprocessOutputSequence) async -> String {
        var bytes: [UInt8] = []
        do {
            for try await buffer in sequence {
                let rest = mostComplaint - bytes.count
                if rest > 0 { unsafe buffer.withUnsafeBytes { unsafe bytes += $0.prefix(rest) } }
            }
        } catch {
            // What cannot be read says nothing.
        }
        while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits until a child of ours has ended, and leaves it to be reaped; when the task is cancelled it will soon be killed.
    private static func awaitEnd(of child: pid_t) async {
        var pause = Duration.milliseconds(1)
        while true {
            var information = unsafe siginfo_t()
            guard unsafe waitid(P_PID, id_t(child), &information, WEXITED | WNOHANG | WNOWAIT) == 0 else { return }
            guard unsafe information.si_signo == 0 else { return }
            // Of no structure, so that it is a pause also in a task that was cancelled.
            await Task { [pause] in try? await Task.sleep(for: pause) }.value
            pause = min(pause * 2, .milliseconds(50))
        }
    }

    /// Reaps what is left of a group whose leader is: children of ours where we are the first process, and their parents are gone.
    private static func reap(_ group: pid_t) async {
        var information = unsafe siginfo_t()
        for _ in 0..<100 {
            guard unsafe waitid(P_PGID, id_t(group), &information, WEXITED | WNOHANG) == 0 else { return }
            if unsafe information.si_signo == 0 { try? await Task.sleep(for: .milliseconds(10)) }
        }
    }

    private static func failure(_ status: TerminationStatus) -> String? {
        switch status {
        case .exited(0): nil
        case .exited(let code): "failed with exit code \(code)"
        case .signaled(let signal): "was ended by signal \(signal)"
        }
    }
}
