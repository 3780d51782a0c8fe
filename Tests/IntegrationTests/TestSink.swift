import Sonde
import SondePostgres
import Synchronization
import Testing

/// Keeps all that it takes, as texts.
final class TestSink: RowSink {
    private let taken = Mutex<[Int: [[String?]]]>([:])
    private let onTake: @Sendable (Int) -> Void

    init(onTake: @escaping @Sendable (Int) -> Void = { _ in }) {
        self.onTake = onTake
    }

    /// The rows of each step.
    var tables: [Int: [[String?]]] { taken.withLock { $0 } }

    func take(_ rows: borrowing Rows, of step: Int) {
        let names = rows.columns.map(\.name)
        let table = (0..<rows.count).map { row in names.map { rows.text(row, $0) } }
        taken.withLock { $0[step] = table }
        onTake(step)
    }
}

extension Job {
    /// A job of the tests.
    static func test(
        _ sql: String, step: Int = 0, timeout: Duration = .seconds(30), prepared: Bool = true
    ) -> Job {
        Job(step: step, sql: sql, collector: "test\(step)", timeout: timeout, prepared: prepared)
    }
}

extension Connection {
    /// The rows of one statement.
    func rows(_ sql: String) async throws -> [[String?]] {
        let sink = TestSink()
        let outcome = try #require(await run([.test(sql, prepared: false)], into: sink).first)
        if let error = outcome.error { throw error }
        return sink.tables[0] ?? []
    }

    /// The only cell of one statement.
    func value(_ sql: String) async throws -> String? {
        try await rows(sql).first?.first ?? nil
    }
}

extension TestServers.Server {
    /// Settings for a role whose password is its name.
    func settings(
        _ role: String = "monitor", _ more: [String: String] = [:], way: ConnectionSettings.Way = .direct
    ) -> ConnectionSettings {
        let keywords = keywords.merging(["user": role, "password": role]) { $1 }.merging(more) { $1 }
        return ConnectionSettings(keywords: keywords, way: way)
    }

    /// Lends a session.
    func withConnection<Value: Sendable>(
        _ settings: ConnectionSettings? = nil, _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        let connection = Connection(settings ?? self.settings())
        try await connection.open(within: .seconds(30))
        let value = try await body(connection)
        await connection.close(within: .seconds(10))
        return value
    }

    /// Lends a session of the superuser that may write.
    func withSuperuser<Value: Sendable>(
        database: String = "postgres", _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        try await withConnection(settings("postgres", ["dbname": database])) { connection in
            _ = try await connection.rows("SET default_transaction_read_only = off")
            return try await body(connection)
        }
    }
}
