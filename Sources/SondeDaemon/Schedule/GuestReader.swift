import Sonde
import SondePostgres
import Synchronization

/// A collector in code, as a lane asks it about one database: it runs on a thread of its own, and is waited for no longer than it may take.
///
/// What has not ended then goes on without us. It is asked nothing before that has ended, and then begins anew.
final class GuestReader: Sendable {
    /// The rows of a step, in memory of their own.
    final class Result: Sendable {
        let step: Int
        let rows: Rows

        init(_ rows: borrowing Rows, of step: Int) {
            self.step = step
            self.rows = rows.copy()
        }
    }

    /// Why there is no answer.
    struct Overrun: Error, CustomStringConvertible {
        let description: String
    }

    private struct State {
        /// What remembers the poll before; nil before the first, and while it is at work.
        var reader: (any Reader)?
        var isBusy = false
    }

    private let collector: any Collector
    /// The times in force when it was made.
    let timing: Timing
    private let state = Mutex(State())

    /// Makes one that has read nothing yet.
    init(_ collector: any Collector, timing: Timing) {
        self.collector = collector
        self.timing = timing
    }

    /// Whether something of it still runs that nobody waits for.
    var isBusy: Bool { state.withLock { $0.isBusy } }

    /// The collector's plan.
    ///
    /// - Throws: that there is none in time.
    func plan(for facts: Facts, without refused: Set<String>) async throws(Overrun) -> Plan {
        try await run { [collector] in collector.plan(for: facts, without: refused) }
    }

    /// Reads what the steps of a run gave.
    ///
    /// - Parameters:
    ///   - results: in the order in which they came.
    ///   - labels: those that every sample begins with.
    ///   - share: the rows by name that databases share, and which of them this is.
    /// - Returns: what came of it.
    /// - Throws: that it does not end in time.
    func read(
        _ results: [Result], labels: [(name: String, value: String)], share: (places: Places, owner: String)?
    ) async throws(Overrun) -> BatchSink.Yield {
        let known = state.withLock { $0.reader.take() }
        let (reader, yield, isLate) = try await run { [collector, timing] in
            var reader = known ?? collector.makeReader(for: timing)
            var samples = Samples(metrics: collector.metrics, labels: labels, share: share)
            do {
                for result in results { try reader.read(result.rows, of: result.step, into: &samples) }
                try reader.finish(into: &samples)
                return (reader, BatchSink.Yield(samples, of: collector), false)
            } catch {
                var yield = BatchSink.Yield()
                yield.failure = PostgresError(.other, message: "\(error)").message
                return (reader, yield, Task.isCancelled)
            }
        }
        state.withLock { $0.reader = reader }
        if isLate { throw Overrun(description: "its reader did not end within \(DurationText.text(timing.timeout))") }
        return yield
    }

    private func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async throws(Overrun) -> Value {
        let isFree = state.withLock { state in
            defer { state.isBusy = true }
            return !state.isBusy
        }
        guard isFree else { throw Overrun(description: "what it did at an earlier poll still runs") }
        let value = await Guest.run(within: timing.timeout, body) { [self] in
            state.withLock { $0.isBusy = false }
        }
        guard let value else {
            throw Overrun(description: "no end within \(DurationText.text(timing.timeout)), and it still runs")
        }
        state.withLock { $0.isBusy = false }
        return value
    }
}
