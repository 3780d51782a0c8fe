import Foundation
import Glibc
import Testing

/// A daemon that runs for the time of a test: ``withDaemon(_:arguments:environment:files:entrance:listen:isolation:_:)`` lends one.
struct DaemonProcess: Sendable {
    let program: DaemonProgram
    /// Where it listens, as its log says: `127.0.0.1:PORT` or `unix:PATH`.
    let address: String
    /// The directory of the configuration and what else the test gave it.
    var folder: URL { program.folder }
    /// The log so far.
    var log: String { program.error }
    var pid: pid_t { program.pid }

    /// The port; 0 for a Unix socket.
    var port: Int { address.hasPrefix("unix:") ? 0 : Int(address.split(separator: ":").last ?? "") ?? 0 }

    /// The page, read strictly.
    ///
    /// - Throws: where the status is not 200, or the page is wrong.
    func page(_ path: String = "/metrics") async throws -> PageText {
        let response = try await get(path)
        guard response.status == 200 else {
            throw PageText.Fault(description: "status \(response.status): \(response.text)")
        }
        return try PageText(response.text)
    }

    /// Sends a request and reads the whole response.
    func get(
        _ path: String, _ headers: [String: String] = [:], method: String = "GET", within limit: Duration = .seconds(10)
    ) async throws -> PageResponse {
        try await PageRequest(address: address, method: method, path: path, headers: headers).response(within: limit)
    }

    /// Waits until the page is as wanted.
    ///
    /// - Returns: that page.
    @discardableResult
    func page(
        _ what: String, within limit: Duration = .seconds(30), _ isAsWanted: (PageText) throws -> Bool
    ) async throws -> PageText {
        var last: PageText?
        try await eventually(what, within: limit) {
            let page = try await page()
            last = page
            return try isAsWanted(page)
        }
        return try #require(last)
    }

    /// Asks it to end, and waits until it has.
    ///
    /// - Returns: the exit code, negative for a signal's number, and how long it took.
    func terminate(
        _ signal: Int32 = SIGTERM, within limit: Duration = .seconds(10)
    ) async throws -> (code: Int32, took: Duration) {
        guard let end = await program.ending(after: signal, within: limit) else {
            throw DaemonProgram.Failure(description: "the daemon does not end on signal \(signal)\n\(log)")
        }
        return end
    }
}

/// Lends a daemon that listens, and ends it however the test ends.
///
/// - Parameters:
///   - configuration: the text of the configuration file; nil for none. `{folder}` stands for the directory that it is in.
///   - arguments: flags, after `run`; `{folder}` here, too.
///   - environment: variables, on top of an environment that names no server.
///   - files: more files of that directory, by path.
///   - entrance: words that go before those of the program, and lead to it: a program that becomes it.
///   - listen: the address; nil where the configuration, or a variable, says it.
///   - isolation: the caller's.
///   - body: what is done with the daemon.
/// - Returns: what `body` returns.
/// - Throws: what `body` throws, or that the daemon does not come up; the daemon's log is recorded then.
@discardableResult
func withDaemon<Value>(
    _ configuration: String? = nil, arguments: [String] = [], environment: [String: String] = [:],
    files: [String: String] = [:], entrance: [String] = [], listen: String? = "127.0.0.1:0",
    isolation: isolated (any Actor)? = #isolation,
    _ body: (DaemonProcess) async throws -> Value
) async throws -> Value {
    try await DaemonProgram.withFolder(files) { folder in
        let filled = { (text: String) in text.replacing("{folder}", with: folder.path) }
        var words = ["run"]
        if let configuration {
            let file = folder.appendingPathComponent("pgsonde.yaml")
            try Data(filled(configuration).utf8).write(to: file)
            words.append("--config.file=\(file.path)")
        }
        if let listen { words.append("--web.listen-address=\(filled(listen))") }
        let all = entrance + [DaemonProgram.path] + words + arguments.map(filled)
        let program = try DaemonProgram(
            Array(all.dropFirst()), environment: environment.mapValues(filled), in: folder, program: all[0])
        do {
            var address: String?
            try await eventually("the daemon listens", within: .seconds(20)) {
                address = program.error.firstMatch(of: /listening\b.*?\baddress"?[=:]"?([^\s",}]+)/).map {
                    String($0.1)
                }
                return address != nil || !program.isRunning
            }
            guard let address else {
                throw DaemonProgram.Failure(description: "the daemon ended with code \(program.code() ?? -1)")
            }
            let value = try await body(DaemonProcess(program: program, address: address))
            await program.stop()
            return value
        } catch {
            await program.stop()
            // What the daemon said is what one wants to know of a test that failed.
            let log = program.error
            let cut = log.count > 24_000 ? "\(log.prefix(8_000))\n…\n\(log.suffix(16_000))" : log
            Issue.record("the daemon's log: \(cut)")
            throw error
        }
    }
}

/// Waits until something is so; an error counts as not yet.
///
/// - Throws: the last error, or that it was not so in time.
func eventually(
    _ what: String, within limit: Duration = .seconds(30), isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    var last: (any Error)?
    repeat {
        do {
            last = nil
            if try await condition() { return }
        } catch {
            last = error
        }
        try await Task.sleep(for: .milliseconds(50))
    } while ContinuousClock.now < deadline
    throw DaemonProgram.Failure(description: "not within \(limit): \(what)" + (last.map { ": \($0)" } ?? ""))
}
