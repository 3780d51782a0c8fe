import NIOCore
import Sonde
import SondePostgres
import Synchronization

/// Takes the results of one batch on the session's thread and makes finished text of them.
///
/// The text of one run is written at a time; its memory goes once the run's blocks are made.
final class BatchSink: RowSink {
    /// One collector's part of the batch.
    struct Run: Sendable {
        let collector: any Collector
        /// nil for a collector in code: what it is to read is copied, and read when the session is free again.
        var reader: (any Reader)?
        let labels: [(name: String, value: String)]
        /// The rows by name that databases share, and which of them this is.
        var share: (places: Places, owner: String)?
        /// The batch's steps that are the run's, in the order of its plan.
        let steps: Range<Int>
        /// Whether some of the steps come again and again, so that only ``BatchSink/end()`` says when the run is over.
        var isPaged = false
        /// What of the rows is its own, where the statement is that of several collectors.
        var window: SharedWindow?
    }

    /// What became of a run.
    struct Yield: Sendable {
        /// A text per metric of the collector; empty unless the run came to its end.
        var texts: [ByteBuffer] = []
        /// The families that were not known beforehand, with their texts.
        var more: [(metric: Metric, text: ByteBuffer)] = []
        var counts = Samples.Counts()
        var bytes = 0
        /// What the reader threw.
        var failure: String?

        init() {}

        /// What a run's samples come to; a family that its collector may not have is left out and counted.
        init(_ samples: borrowing Samples, of collector: any Collector) {
            counts = samples.counts
            let known = collector.metrics.count
            for (index, metric) in samples.metrics.enumerated() {
                // Of its exact size: the text lives as long as the page shows it.
                var text = ByteBufferAllocator().buffer(capacity: samples.size(of: index))
                unsafe samples.withText(of: index) { piece in unsafe text.writeBytes(piece) }
                bytes += text.readableBytes
                if index < known {
                    texts.append(text)
                } else if Metric.isName(metric.name), collector.prefixes.contains(where: metric.name.hasPrefix) {
                    more.append((metric, text))
                } else {
                    counts.unreadable += 1
                }
            }
        }
    }

    private struct State: ~Copyable {
        var runs: [Run]
        var yields: [Yield]
        /// What collectors in code are to read, run by run.
        var results: [[GuestReader.Result]]
        var samples = Samples(metrics: [])
        var current: Int?
        var taken = 0
        var facts: Facts?
    }

    private let state: Mutex<State>
    /// The step whose rows are facts.
    private let factsStep: Int?
    private let onReply: @Sendable () -> Void

    /// Makes a sink.
    ///
    /// - Parameters:
    ///   - runs: what to do with the results.
    ///   - factsStep: the step whose rows are facts.
    ///   - onReply: called with each result: a batch may take long, and what answers is up.
    init(_ runs: [Run], factsStep: Int? = nil, onReply: @escaping @Sendable () -> Void) {
        self.factsStep = factsStep
        self.onReply = onReply
        state = Mutex(
            State(
                runs: runs, yields: Array(repeating: Yield(), count: runs.count),
                results: Array(repeating: [], count: runs.count)))
    }

    func take(_ rows: borrowing Rows, of step: Int) {
        onReply()
        state.withLock { state in
            if step == factsStep {
                state.facts = Facts(rows)
                return
            }
            // More than one where several collectors ask together, in one step each.
            for index in state.runs.indices where state.runs[index].steps.contains(step) {
                Self.take(rows, of: step, for: index, &state)
            }
        }
    }

    private static func take(_ rows: borrowing Rows, of step: Int, for index: Int, _ state: inout State) {
        let own = step - state.runs[index].steps.lowerBound
        guard state.runs[index].reader != nil else {
            state.results[index].append(GuestReader.Result(rows, of: own))
            return
        }
        if state.current != index { begin(index, &state) }
        state.taken += 1
        guard state.yields[index].failure == nil else { return }
        do {
            if let window = state.runs[index].window, own == state.runs[index].steps.count - 1 {
                try window.lend(rows) {
                    try state.runs[index].reader?.read($0, of: own, into: &state.samples)
                }
            } else {
                try state.runs[index].reader?.read(rows, of: own, into: &state.samples)
            }
        } catch {
            state.yields[index].failure = "\(error)"
        }
        if !state.runs[index].isPaged, state.taken == state.runs[index].steps.count { end(&state) }
    }

    /// Ends the run that is under way; for runs by pages, whose number of results is not known beforehand.
    func end() {
        state.withLock { Self.end(&$0) }
    }

    /// What the batch gave, and the readers as they are now.
    func result() -> (facts: Facts?, yields: [Yield], readers: [(any Reader)?], results: [[GuestReader.Result]]) {
        state.withLock { ($0.facts, $0.yields, $0.runs.map(\.reader), $0.results) }
    }

    private static func begin(_ index: Int, _ state: inout State) {
        state.current = index
        state.taken = 0
        state.samples = Samples(
            metrics: state.runs[index].collector.metrics, labels: state.runs[index].labels,
            share: state.runs[index].share)
    }

    private static func end(_ state: inout State) {
        guard let index = state.current else { return }
        state.current = nil
        defer { state.samples = Samples(metrics: []) }
        guard state.yields[index].failure == nil else { return }
        do {
            try state.runs[index].reader?.finish(into: &state.samples)
        } catch {
            state.yields[index].failure = "\(error)"
            return
        }
        let definition = state.runs[index].collector as? Definition
        let series = state.samples.counts.series
        if let most = definition?.mostSeries, series > most {
            state.yields[index].failure = """
                it gives \(series) series, and may give \(most): write limit: {rows: …, by: …}, which adds up the rest, \
                or limit: {series: …}
                """
            return
        }
        state.yields[index] = Yield(state.samples, of: state.runs[index].collector)
    }
}

/// Takes small results as text.
final class TextSink: RowSink {
    private let column: String
    private let found = Mutex<[String]>([])

    /// Makes a sink for one column.
    init(column: String) {
        self.column = column
    }

    var texts: [String] { found.withLock { $0 } }

    func take(_ rows: borrowing Rows, of step: Int) {
        found.withLock { found in
            for row in 0..<rows.count {
                if let text = rows.text(row, column) { found.append(text) }
            }
        }
    }
}
