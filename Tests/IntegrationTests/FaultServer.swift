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

    /// Runs SQL as the superuser.
    @discardableResult
    func sql(_ text: String, database: String = "postgres") async throws -> String {
        try await blocking { try Shell.psql(server, text, database: database) }
    }

    // MARK: Processes

    /// The postmaster and its children.
    var processes: [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return [server.pid] + names.compactMap { pid_t($0) }.filter { Self.parent(of: $0) == server.pid }
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
