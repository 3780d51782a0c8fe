import Foundation
import Testing

extension PageServer {
    /// Has sessions of the superuser's run scripts for as long as `body` runs; `SELECT 1 \watch 600` is how one idles in its
    /// transaction.
    ///
    /// - Parameters:
    ///   - scripts: what psql runs, one session each.
    ///   - condition: SQL that says `t` once all is as wanted.
    ///   - isolation: the caller's.
    ///   - body: what is done meanwhile.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or that it does not become as wanted.
    func withSessions<Value>(
        _ scripts: [String], until condition: String, isolation: isolated (any Actor)? = #isolation,
        _ body: ([DaemonProgram]) async throws -> Value
    ) async throws -> Value {
        let psql = try #require(TestServers.shared).tools.psql
        return try await DaemonProgram.withFolder { folder in
            var sessions: [DaemonProgram] = []
            for (index, script) in scripts.enumerated() {
                let file = folder.appendingPathComponent("script\(index)")
                try Data("\(script)\n".utf8).write(to: file)
                sessions.append(
                    try DaemonProgram(
                        ["-Xq", "-f", file.path], environment: environment().merging(["PGAPPNAME": "staged"]) { $1 },
                        in: folder, program: psql))
            }
            let result: Result<Value, any Error>
            do {
                try await eventually(condition, within: .seconds(20)) { try await sql(condition) == "t" }
                result = .success(try await body(sessions))
            } catch {
                result = .failure(error)
            }
            try await sql(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'staged'")
            for session in sessions { await session.stop() }
            return try result.get()
        }
    }

    /// What SQL says, as a number.
    func number(_ expression: String) async throws -> Double {
        try #require(Double(try await sql("SELECT \(expression)")), "\(expression)")
    }

    /// A server that no other test knows of.
    static func fresh(_ major: Int, _ name: String, standby: Bool = false) async throws -> (PageServer, PageServer?) {
        let fresh = try await PageServers.fresh(major, name, standby ? ["--standby"] : [])
        return (
            PageServer(major: major, isStandby: false, host: fresh.host, port: fresh.port, log: fresh.log),
            fresh.standby.map {
                PageServer(major: major, isStandby: true, host: $0.host, port: $0.port, log: $0.log)
            }
        )
    }

    /// The page of one round with files in the folder of the user's collectors.
    func once(collectors: [String: String]) async throws -> PageText {
        let configuration = """
            servers:
              - {name: main, dsn: "\(keywords)"}
            collectors_dir: collectors.d
            """
        var files = ["pgsonde.yaml": configuration]
        for (name, text) in collectors { files["collectors.d/\(name).yaml"] = text }
        let result = try await DaemonProgram.run(["once", "--config.file={folder}/pgsonde.yaml"], files: files)
        guard result.code == 0 else { throw DaemonProgram.Failure(description: "\(result.code): \(result.error)") }
        return try PageText(result.output)
    }

    /// A built-in definition, as a file.
    static func definition(_ name: String) async throws -> String {
        let result = try await DaemonProgram.run(["collector", "show", name])
        guard result.code == 0 else { throw DaemonProgram.Failure(description: result.error) }
        return result.output
    }
}
