public import Sonde

/// A collector that runs on canned results, poll after poll, as it would in the daemon.
public struct Rehearsal: Sendable {
    /// What a poll gave.
    public struct Outcome: Sendable, Hashable {
        /// The families that have samples, in the order of the page, with their headers.
        public let page: String
        /// What was counted.
        public let counts: Samples.Counts

        init(page: String, counts: Samples.Counts) {
            self.page = page
            self.counts = counts
        }

        /// What a run's samples come to; a family that its collector may not have is left out and counted, as the daemon does.
        init(_ samples: borrowing Samples, of collector: any Collector) {
            var page = ""
            var counts = samples.counts
            let known = collector.metrics.count
            for (index, metric) in samples.metrics.enumerated() {
                guard index < known || collector.prefixes.contains(where: metric.name.hasPrefix) else {
                    counts.unreadable += 1
                    continue
                }
                let text = samples.string(of: index)
                if !text.isEmpty { page += String(decoding: metric.header, as: UTF8.self) + text }
            }
            self.init(page: page, counts: counts)
        }
    }

    private let collector: any Collector
    private let labels: [(name: String, value: String)]
    private var reader: any Reader

    /// Prepares a collector, as the daemon does for each server or database.
    ///
    /// - Parameters:
    ///   - collector: what is to run.
    ///   - labels: the labels that the daemon would add to every sample.
    public init(_ collector: any Collector, labels: [(name: String, value: String)] = []) {
        self.collector = collector
        self.labels = labels
        reader = collector.makeReader(for: collector.timing)
    }

    /// Runs one poll.
    ///
    /// - Parameter results: one for each step of the plan, in its order.
    /// - Returns: the page and what was counted.
    /// - Throws: what the collector's reader throws.
    public mutating func run(_ results: [Canned]) throws -> Outcome {
        var samples = Samples(metrics: collector.metrics, labels: labels)
        for (step, canned) in results.enumerated() {
            try reader.read(canned.makeRows(), of: step, into: &samples)
        }
        try reader.finish(into: &samples)
        return Outcome(samples, of: collector)
    }
}
