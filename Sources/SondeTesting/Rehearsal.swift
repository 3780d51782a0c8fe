public import Sonde

/// A collector that runs on canned results, poll after poll, as it would in the daemon.
public struct Rehearsal: Sendable {
    /// What a poll gave.
    public struct Outcome: Sendable, Hashable {
        /// The families that have samples, in the order of the page, with their headers.
        public let page: String
        /// What was counted.
        public let counts: Samples.Counts
    }

    private let metrics: [Metric]
    private let labels: [(name: String, value: String)]
    private var reader: any Reader

    /// Prepares a collector, as the daemon does for each server or database.
    ///
    /// - Parameters:
    ///   - collector: what is to run.
    ///   - labels: the labels that the daemon would add to every sample.
    public init(_ collector: any Collector, labels: [(name: String, value: String)] = []) {
        metrics = collector.metrics
        self.labels = labels
        reader = collector.makeReader(for: collector.timing)
    }

    /// Runs one poll.
    ///
    /// - Parameter results: one for each step of the plan, in its order.
    /// - Returns: the page and what was counted.
    /// - Throws: what the collector's reader throws.
    public mutating func run(_ results: [Canned]) throws -> Outcome {
        var samples = Samples(metrics: metrics, labels: labels)
        for (step, canned) in results.enumerated() {
            try reader.read(canned.makeRows(), of: step, into: &samples)
        }
        try reader.finish(into: &samples)
        var page = ""
        for index in metrics.indices {
            let text = samples.string(of: index)
            guard !text.isEmpty else { continue }
            page += String(decoding: metrics[index].header, as: UTF8.self) + text
        }
        return Outcome(page: page, counts: samples.counts)
    }
}
