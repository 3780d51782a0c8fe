import Foundation
import Testing

/// Sessions of the superuser that do something for as long as a test looks.
enum PageSessions {
    /// What one of them does.
    struct Script {
        let sql: String
        var database = "postgres"
        /// Whether it speaks the replication protocol.
        var isReplication = false
        var applicationName = "held"
    }

    /// Runs scripts for as long as `body` runs, then ends their sessions.
    static func with<Value>(
        _ scripts: [Script], on server: PageServer, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let psql = try #require(TestServers.shared).tools.psql
        return try await DaemonProgram.withFolder { folder in
            var sessions: [DaemonProgram] = []
            for script in scripts {
                let file = folder.appendingPathComponent("script\(sessions.count)")
                try Data(script.sql.utf8).write(to: file)
                var environment = server.environment(script.database)
                environment["PGAPPNAME"] = script.applicationName
                var arguments = ["-Xq", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f", file.path]
                if script.isReplication { arguments += ["-d", "dbname=\(script.database) replication=true"] }
                sessions.append(
                    try DaemonProgram(arguments, environment: environment, in: folder, program: psql))
            }
            let result: Result<Value, any Error>
            do {
                result = .success(try await body())
            } catch {
                result = .failure(DaemonProgram.Failure(description: "\(error): \(sessions[0].error)"))
            }
            try await server.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'held'")
            for session in sessions { await session.stop() }
            return try result.get()
        }
    }
}
