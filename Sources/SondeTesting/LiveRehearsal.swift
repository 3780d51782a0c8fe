public import Sonde
import SondePostgres
import Synchronization

/// A collector that runs on a real server, poll after poll: in a session like the daemon's, which only reads, and within the same limits.
///
/// ```swift
/// let rehearsal = try await LiveRehearsal(Definition.queue, on: "postgresql://monitor@localhost/app")
/// print(try await rehearsal.run().page)
/// ```
public struct LiveRehearsal: Sendable {
    /// Why there is no server, or why a poll gave nothing.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// What went wrong, for people; without secrets.
        public let description: String
    }

    /// Takes the results on the session's thread.
    private final class Reading: RowSink {
        private struct State: ~Copyable {
            var reader: any Reader
            var samples = Samples(metrics: [])
            var failure: String?
        }

        private let collector: any Collector
        private let labels: [(name: String, value: String)]
        private let state: Mutex<State>

        init(_ collector: any Collector, labels: [(name: String, value: String)]) {
            self.collector = collector
            self.labels = labels
            state = Mutex(State(reader: collector.makeReader(for: collector.timing)))
        }

        func begin() {
            state.withLock { state in
                state.samples = Samples(metrics: collector.metrics, labels: labels)
                state.failure = nil
            }
        }

        func take(_ rows: borrowing Rows, of step: Int) {
            state.withLock { state in
                guard state.failure == nil else { return }
                do {
                    try state.reader.read(rows, of: step, into: &state.samples)
                } catch {
                    state.failure = "its reader throws \(error)"
                }
            }
        }

        func end() throws(Failure) -> Rehearsal.Outcome {
            let result = state.withLock { state -> Result<Rehearsal.Outcome, Failure> in
                if let failure = state.failure { return .failure(Failure(description: failure)) }
                do {
                    try state.reader.finish(into: &state.samples)
                } catch {
                    return .failure(Failure(description: "its reader throws \(error)"))
                }
                return .success(Rehearsal.Outcome(state.samples, of: collector))
            }
            return try result.get()
        }
    }

    /// Takes what is known of the server.
    private final class FactsSink: RowSink {
        let facts = Mutex<Facts?>(nil)

        func take(_ rows: borrowing Rows, of step: Int) {
            facts.withLock { $0 = Facts(rows) }
        }
    }

    private static let patience = Duration.seconds(10)

    /// What is known of the server, and of the database that the connection leads to.
    public let facts: Facts
    private let collector: any Collector
    private let connection: Connection
    private let reading: Reading

    /// Connects, and asks the server what it is.
    ///
    /// - Parameters:
    ///   - collector: what is to run; of all databases, in the one that the connection leads to.
    ///   - server: a URI or `key=value` pairs; libpq's variables (`PGHOST`, …) stand for what it does not say.
    /// - Throws: what kept it from that.
    public init(_ collector: any Collector, on server: String) async throws(Failure) {
        self.collector = collector
        do {
            let isConsole = collector.kind == .pgbouncer
            connection = Connection(
                ConnectionSettings(
                    keywords: try ConnectionString.parse(server), way: isConsole ? .console : .direct,
                    statementTimeout: collector.timing.timeout))
            try await connection.open(within: Self.patience)
            let sink = FactsSink()
            let sql =
                isConsole ? FactsQuery.console : FactsQuery.sql(withTimeline: false, answering: collector.questions)
            let job = Job(step: 0, sql: sql, collector: "facts", timeout: Self.patience, prepared: false)
            if let error = await connection.run([job], into: sink).first?.error { throw error }
            guard let facts = sink.facts.withLock({ $0 }) else {
                throw PostgresError(.other, message: "the server does not say which version it is")
            }
            self.facts = facts
        } catch {
            throw Failure(description: "\(error)")
        }
        let isPerDatabase = collector.per == .database
        reading = Reading(collector, labels: isPerDatabase ? [(name: "datname", value: facts.database)] : [])
    }

    /// Runs one poll.
    ///
    /// - Returns: the page and what was counted.
    /// - Throws: why the collector does not run on this server, the first error of its statements, or what its reader throws.
    public func run() async throws(Failure) -> Rehearsal.Outcome {
        reading.begin()
        switch collector.plan(for: facts, without: []) {
        case .skip(.version): throw Failure(description: "it is not for version \(facts.version)")
        case .skip(.role): throw Failure(description: "it is not for a \(facts.isInRecovery ? "standby" : "primary")")
        case .skip(.unavailable(let reason)), .skip(.forbidden(let reason)):
            throw Failure(description: "it is unavailable: \(reason)")
        case .steps(let steps): _ = try await ask(steps, from: 0)
        case .pages(let size, let first, let page):
            var rows = try await ask(first + page, from: 0)
            while rows >= size { rows = try await ask(page, from: first.count) }
        }
        return try reading.end()
    }

    /// Runs statements.
    ///
    /// - Returns: the number of rows of the last.
    private func ask(_ steps: [Step], from number: Int) async throws(Failure) -> Int {
        let confinement = (collector as? Definition).map { Job.Confinement($0) } ?? .session
        let jobs = steps.enumerated().map { index, step in
            Job(
                step: number + index, sql: step.sql, collector: collector.name, timeout: collector.timing.timeout,
                prepared: false, searchPath: step.searchPath, confinement: confinement)
        }
        let outcomes = await connection.run(jobs, into: reading)
        for (step, outcome) in zip(steps, outcomes) {
            guard let error = outcome.error else { continue }
            let column = error.position.flatMap { step.column(at: $0) }.map { " (in \($0))" } ?? ""
            throw Failure(description: "\(error)\(column)")
        }
        return outcomes.last?.rows ?? 0
    }
}
