import Foundation
import Glibc
import Testing

/// A server of a test's own, which it may freeze, crash and lock up: ``with(_:standby:port:_:)`` lends one.
struct FaultServer: Sendable {
    let server: TestServers.Server

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("servers").path

    /// Lends a fresh server, and stops it however the test ends.
    static func with<Value>(
        _ major: Int = 17, standby: Bool = false, port: Int? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: (FaultServer) async throws -> Value
    ) async throws -> Value {
        var words = ["start", "\(major)", "--name", "fault-\(UUID().uuidString.prefix(8).lowercased())"]
        if standby { words.append("--standby") }
        if let port { words += ["--port", "\(port)"] }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let text = try await blocking { [words] in try Shell.run(script, words) }
        let fault = FaultServer(server: try decoder.decode(TestServers.Server.self, from: Data(text.utf8)))
        do {
            let value = try await body(fault)
            await fault.stop()
            return value
        } catch {
            await fault.stop()
            throw error
        }
    }

    private func stop() async {
        thaw()
        _ = try? await blocking { try Shell.run(Self.script, ["stop", server.name]) }
    }

    /// Ends the server, as `pg_ctl stop` does, and waits until all of it is gone.
    func halt(_ signal: Int32 = SIGINT) async throws {
        let all = processes
        kill(postmaster, signal)
        try await eventually("the server has ended", within: .seconds(20)) { !all.contains(where: Self.isAlive) }
    }

    /// Starts it again.
    ///
    /// - Parameter waits: whether to wait until it takes connections.
    /// - Throws: why it does not start.
    func resume(waits: Bool = true) async throws {
        let words = ["resume", server.name] + (waits ? [] : ["--no-wait"])
        _ = try await blocking { try Shell.run(Self.script, words) }
    }

    /// Runs SQL as the superuser.
    @discardableResult
    func sql(_ text: String, database: String = "postgres") async throws -> String {
        try await blocking { try Shell.psql(server, text, database: database) }
    }

    /// The environment by which a client connects.
    func environment(role: String = "postgres", application: String = "test") -> [String: String] {
        [
            "PGHOST": server.host, "PGPORT": "\(server.port)", "PGUSER": role, "PGPASSWORD": role,
            "PGDATABASE": "postgres", "PGAPPNAME": application,
        ]
    }

    // MARK: Files

    /// A file of the server's.
    func read(_ name: String) throws -> String {
        try String(contentsOfFile: "\(server.dataDir)/\(name)", encoding: .utf8)
    }

    /// Writes a file of the server's, who can read it as its own.
    func write(_ name: String, _ text: String) throws {
        let path = "\(server.dataDir)/\(name)"
        var owner = stat()
        _ = unsafe stat(server.dataDir, &owner)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        _ = unsafe chmod(path, 0o600)
        _ = unsafe chown(path, owner.st_uid, owner.st_gid)
    }

    /// Adds settings, which hold from the next start or reload on.
    func configure(_ lines: [String]) throws {
        try write("postgresql.conf", try read("postgresql.conf") + lines.map { $0 + "\n" }.joined())
    }

    // MARK: Processes

    /// The postmaster, which is another one after a restart.
    var postmaster: pid_t {
        let data = FileManager.default.contents(atPath: server.dataDir + "/postmaster.pid") ?? Data()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").first.flatMap { pid_t($0) } ?? server.pid
    }

    /// The postmaster and its children.
    var processes: [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let postmaster = postmaster
        return [postmaster] + names.compactMap { pid_t($0) }.filter { Self.parent(of: $0) == postmaster }
    }

    /// The processes that serve a role, or are about to: what the server shows as their titles also when it answers nobody.
    func titles(of role: String = "monitor") -> [String] {
        processes.dropFirst().compactMap { process in
            let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
            let title = String(decoding: line.prefix { $0 != 0 }, as: UTF8.self)
            return title.contains(": \(role) ") ? title : nil
        }
    }

    /// Stops all processes of the server, as a machine does that hangs.
    func freeze() {
        for process in processes { kill(process, SIGSTOP) }
    }

    /// Lets them go on.
    func thaw() {
        for process in processes { kill(process, SIGCONT) }
    }

    /// Ends one backend in a way that makes the postmaster end and recover all.
    func crash() async throws {
        let process = try await sql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
        if let process = pid_t(process) { kill(process, SIGKILL) }
    }

    /// Whether the server runs.
    var isAlive: Bool { Self.isAlive(postmaster) }

    /// Whether a process is there that has not ended, be it that nobody has taken note of its end.
    static func isAlive(_ process: pid_t) -> Bool {
        let stat = FileManager.default.contents(atPath: "/proc/\(process)/stat") ?? Data()
        let state = String(decoding: stat, as: UTF8.self).split(separator: ")").last?.split(separator: " ").first
        return state != nil && state != "Z"
    }

    private static func parent(of process: pid_t) -> pid_t? {
        guard let stat = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return nil }
        let words = String(decoding: stat, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        return words.count > 1 ? pid_t(words[1]) : nil
    }

    // MARK: The server's log

    /// The log so far, line by line.
    var log: [Substring] {
        String(decoding: FileManager.default.contents(atPath: server.log) ?? Data(), as: UTF8.self).split(
            separator: "\n")
    }

    /// The lines of errors that sessions of a role caused.
    func errors(of role: String = "monitor") -> [Substring] {
        log.filter { line in
            line.contains("user=\(role),") && ["ERROR:", "FATAL:", "PANIC:"].contains { line.contains($0) }
        }
    }

    /// The sessions of a role.
    func sessions(of role: String = "monitor") async throws -> Int {
        Int(try await sql("SELECT count(*) FROM pg_stat_activity WHERE usename = '\(role)'")) ?? -1
    }
}

/// Runs what blocks on a thread of its own: the tests of a process share few threads that must not.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}
