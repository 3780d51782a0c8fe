import Dispatch
import Foundation
import Glibc
import Synchronization

/// The built program, and one run of it as a process whose output goes to files.
final class DaemonProgram: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What a run to the end gave.
    struct Result: Sendable {
        let code: Int32
        let output: String
        let error: String
    }

    /// The `pgsonde` that was built with these tests: beside the test bundle.
    static let path: String = {
        let bundle =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appendingPathComponent("pgsonde").path
    }()

    let pid: pid_t
    /// A directory of the run's own, deleted with it.
    let folder: URL
    private let ended = Mutex<Int32?>(nil)

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - environment: on top of the test's own, out of which everything that pgsonde or libpq listens to is taken.
    ///   - folder: a directory that exists; what is printed goes there.
    ///   - program: another program, for what a test needs to run beside the daemon.
    /// - Throws: ``Failure`` if there is no such program.
    init(
        _ arguments: [String], environment: [String: String] = [:], in folder: URL, program: String = DaemonProgram.path
    ) throws {
        self.folder = folder
        var inherited = ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("PG") && name != "DATA_SOURCE_NAME"
        }
        inherited["HOME"] = folder.path
        let variables = inherited.merging(environment) { $1 }.map { "\($0)=\($1)" }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        for (descriptor, name) in [(STDOUT_FILENO, "stdout"), (STDERR_FILENO, "stderr")] {
            let path = folder.appendingPathComponent(name).path
            unsafe posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        }
        let words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        let settings = unsafe variables.map { unsafe strdup($0) } + [nil]
        defer {
            for index in unsafe words.indices { unsafe free(words[index]) }
            for index in unsafe settings.indices { unsafe free(settings[index]) }
        }
        var pid = pid_t()
        let code = unsafe posix_spawn(&pid, program, &actions, nil, words, settings)
        guard code == 0 else {
            throw Failure(description: "\(program) cannot be started (\(code)): is it built?")
        }
        self.pid = pid
    }

    /// Runs the program, or another, to its end.
    ///
    /// `{folder}` in an argument stands for the run's directory, where `files` are.
    ///
    /// - Throws: ``Failure`` if it does not end in time.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], files: [String: String] = [:],
        within limit: Duration = .seconds(60), program path: String = DaemonProgram.path
    ) async throws -> Result {
        try await withFolder(files) { folder in
            let arguments = arguments.map { $0.replacing("{folder}", with: folder.path) }
            let environment = environment.mapValues { $0.replacing("{folder}", with: folder.path) }
            let program = try DaemonProgram(arguments, environment: environment, in: folder, program: path)
            guard let code = await program.end(within: limit) else {
                await program.stop()
                throw Failure(description: "\(path) \(arguments) does not end\n\(program.error)")
            }
            return Result(code: code, output: program.output, error: program.error)
        }
    }

    /// Lends a directory with files in it, and deletes it afterwards.
    static func withFolder<Value>(
        _ files: [String: String] = [:], isolation: isolated (any Actor)? = #isolation,
        _ body: (URL) async throws -> Value
    ) async throws -> Value {
        // A short path, for a socket's may have 107 bytes.
        let folder = URL(fileURLWithPath: "/tmp/pgsonde-test-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return try await body(folder)
    }

    /// What it has printed so far.
    var output: String { read("stdout") }

    /// What it has logged so far.
    var error: String { read("stderr") }

    private func read(_ name: String) -> String {
        let data = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    /// Whether it has not ended yet.
    var isRunning: Bool { code() == nil }

    /// Sends a signal, unless the process has ended: its number may be another's by then.
    func send(_ signal: Int32) {
        ended.withLock { code in
            if code == nil { _ = kill(pid, signal) }
        }
    }

    /// The exit code, once it has ended; the number of a signal that ended it is negative.
    func code() -> Int32? {
        ended.withLock { code in
            var status: Int32 = 0
            if code == nil, unsafe waitpid(pid, &status, WNOHANG) == pid {
                let signal = status & 0x7F
                code = signal == 0 ? (status >> 8) & 0xFF : -signal
            }
            return code
        }
    }

    /// Waits for the end, on a thread that nothing else holds up.
    ///
    /// - Parameters:
    ///   - signal: what is sent to it at first.
    ///   - limit: the longest wait.
    /// - Returns: the exit code and the time from the signal; nil if it still runs after that time.
    func ending(after signal: Int32? = nil, within limit: Duration) async -> (code: Int32, took: Duration)? {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let start = ContinuousClock.now
                if let signal { self.send(signal) }
                while true {
                    let took = ContinuousClock.now - start
                    if let code = self.code() { return continuation.resume(returning: (code, took)) }
                    guard took < limit else { return continuation.resume(returning: nil) }
                    usleep(2_000)
                }
            }
        }
    }

    /// Waits for the end.
    ///
    /// - Returns: the exit code; nil if it still runs after that time.
    func end(within limit: Duration) async -> Int32? {
        await ending(within: limit)?.code
    }

    /// Ends it for good, whatever it does.
    func stop() async {
        guard isRunning else { return }
        send(SIGKILL)
        _ = await end(within: .seconds(10))
    }
}
