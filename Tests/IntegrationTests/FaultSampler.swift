import SondePostgres
import Synchronization

/// Asks a server for a number every 100 ms while something else happens, as the superuser, in a session of its own.
final class FaultSampler: Sendable {
    private struct State {
        var most = 0.0
        var count = 0
        var failure: String?
    }

    private let state = Mutex(State())

    /// The largest number so far.
    var most: Double { state.withLock { $0.most } }
    /// How often it was asked for.
    var count: Int { state.withLock { $0.count } }
    /// Why it could not be asked for.
    var failure: String? { state.withLock { $0.failure } }

    /// Asks while `body` runs; while the server is frozen it waits, too.
    static func during<Value: Sendable>(
        _ fault: FaultServer, _ sql: String, isolation: isolated (any Actor)? = #isolation,
        _ body: (FaultSampler) async throws -> Value
    ) async throws -> Value {
        let sampler = FaultSampler()
        var keywords = fault.server.keywords
        keywords["user"] = "postgres"
        keywords["password"] = "postgres"
        let connection = Connection(ConnectionSettings(keywords: keywords))
        try await connection.open(within: .seconds(10))
        return try await withThrowingTaskGroup { group in
            group.addTask { await sampler.repeat(sql, connection) }
            let value = try await body(sampler)
            group.cancelAll()
            return value
        }
    }

    /// Counts the processes that serve a role: also while the server takes nobody in, is frozen, or is not there.
    static func countingProcesses<Value: Sendable>(
        of role: String = "monitor", _ fault: FaultServer, isolation: isolated (any Actor)? = #isolation,
        _ body: (FaultSampler) async throws -> Value
    ) async throws -> Value {
        let sampler = FaultSampler()
        return try await withThrowingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    let count = Double(fault.titles(of: role).count)
                    sampler.state.withLock { state in
                        state.count += 1
                        state.most = max(state.most, count)
                    }
                    try? await Task.sleep(for: .milliseconds(100))
                }
            }
            let value = try await body(sampler)
            group.cancelAll()
            return value
        }
    }

    /// The sessions of a role.
    static func sessions(of role: String = "monitor") -> String {
        "SELECT count(*) AS n FROM pg_stat_activity WHERE usename = '\(role)'"
    }

    private func `repeat`(_ sql: String, _ connection: Connection) async {
        while !Task.isCancelled {
            let sink = TestSink()
            let job = Job(step: 0, sql: sql, collector: "sampler", timeout: .seconds(120), prepared: true)
            let outcome = await connection.run([job], into: sink).first
            state.withLock { state in
                state.count += 1
                if let text = sink.tables[0]?.first?.first ?? nil { state.most = max(state.most, Double(text) ?? 0) }
                if !Task.isCancelled, let error = outcome?.error { state.failure = "\(error)" }
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
        await connection.close(within: .seconds(1))
    }
}
