import Foundation
import Testing

/// A server of a test's own, of one major, that holds a little of everything; no other test disturbs it.
struct PageServer: Sendable, CustomTestStringConvertible {
    let major: Int
    let isStandby: Bool
    let host: String
    let port: Int
    /// The path of the server's log.
    let log: String

    var testDescription: String { "PostgreSQL \(major)\(isStandby ? " standby" : "")" }

    /// Connection keywords of the role `monitor`.
    var keywords: String { "host=\(host) port=\(port) user=monitor password=monitor dbname=postgres" }

    /// The environment by which psql and others connect as the superuser.
    func environment(_ database: String = "postgres") -> [String: String] {
        [
            "PGHOST": host, "PGPORT": "\(port)", "PGUSER": "postgres", "PGPASSWORD": "postgres",
            "PGDATABASE": database, "PGCLIENTENCODING": "UTF8", "PGCONNECT_TIMEOUT": "10",
        ]
    }

    /// Runs SQL as the superuser, by psql.
    @discardableResult
    func sql(_ text: String, database: String = "postgres") async throws -> String {
        let psql = try #require(TestServers.shared).tools.psql
        let result = try await DaemonProgram.run(
            ["-XqAtw", "-v", "ON_ERROR_STOP=1", "-f", "{folder}/sql"], environment: environment(database),
            files: ["sql": text], program: psql)
        guard result.code == 0 else { throw DaemonProgram.Failure(description: "\(testDescription): \(result.error)") }
        return result.output.trimmingCharacters(in: .newlines)
    }

    /// The page of one round.
    func once(_ arguments: [String] = []) async throws -> String {
        let result = try await DaemonProgram.run(["once"] + arguments, environment: ["DATA_SOURCE_NAME": keywords])
        guard result.code == 0 else {
            throw DaemonProgram.Failure(
                description: "once: code \(result.code): \(result.error)\n\(result.output.prefix(3_000))")
        }
        return result.output
    }
}

extension PageServer {
    /// Has sessions of the role `worker` do something for as long as `body` runs: one sleeps in a transaction that has written and
    /// holds a lock, another waits for that lock.
    ///
    /// - Parameters:
    ///   - isWriting: whether a third writes all the time, so that standbys always have something to confirm.
    ///   - isolation: the caller's.
    ///   - body: what is done meanwhile.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or why there are no such sessions.
    func withWork<Value>(
        isWriting: Bool = false, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
    ) async throws -> Value {
        let psql = try #require(TestServers.shared).tools.psql
        let lock = "LOCK TABLE ONLY app.part IN ACCESS EXCLUSIVE MODE;"
        var scripts = [
            "BEGIN; \(lock) SELECT txid_current(); SELECT pg_sleep(600);", "SELECT pg_sleep(0.5); BEGIN; \(lock)",
        ]
        if isWriting { scripts.append("SELECT pg_logical_emit_message(true, 'x', 'y') \\watch 0.02\n") }
        let user = ["PGUSER": "worker", "PGPASSWORD": "worker"]
        return try await DaemonProgram.withFolder { folder in
            var sessions: [DaemonProgram] = []
            for script in scripts {
                let file = folder.appendingPathComponent("work\(sessions.count)")
                try Data(script.utf8).write(to: file)
                sessions.append(
                    try DaemonProgram(
                        ["-Xq", "-f", file.path], environment: environment("shop").merging(user) { $1 }, in: folder,
                        program: psql))
            }
            let result: Result<Value, any Error>
            do {
                try await eventually("a session waits for the other's lock", within: .seconds(10)) {
                    try await sql(
                        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'app.part'::regclass",
                        database: "shop") == "1"
                }
                result = .success(try await body())
            } catch {
                result = .failure(error)
            }
            // The server does not notice that a client is gone while it sleeps for it.
            try await sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'worker'")
            for session in sessions { await session.stop() }
            return try result.get()
        }
    }
}
