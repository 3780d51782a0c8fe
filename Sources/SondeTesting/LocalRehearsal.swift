public import Sonde
import SondePostgres

/// A collector that asks no server, run poll after poll as it would be in the daemon.
public struct LocalRehearsal: Sendable {
    /// That a poll did not end in time.
    public struct Overrun: Error, Sendable, CustomStringConvertible {
        /// How long that is.
        public let description: String
        /// Whether it went on although it was cancelled.
        let isStuck: Bool
    }

    private let collector: any LocalCollector
    private var probe: any Probe

    /// Prepares a collector.
    public init(_ collector: any LocalCollector) {
        self.collector = collector
        probe = collector.makeProbe(for: collector.timing)
    }

    /// Runs one poll.
    ///
    /// - Returns: the page and what was counted.
    /// - Throws: what the collector's probe throws, or ``Overrun`` where it does not end within the collector's time limit.
    public mutating func run() async throws -> Rehearsal.Outcome {
        try await run(within: collector.timing.timeout)
    }

    /// Runs a poll that is cancelled after some time.
    mutating func run(within limit: Duration) async throws -> Rehearsal.Outcome {
        let (collector, before) = (collector, probe)
        let result = await Guest.run(within: limit) {
            var probe = before
            var samples = Samples(metrics: collector.metrics)
            do {
                try await probe.read(into: &samples)
                return (probe, Result<_, any Error>.success(Rehearsal.Outcome(samples, of: collector)))
            } catch  where Task.isCancelled {
                return (probe, .failure(Overrun(description: "it does not end within \(limit)", isStuck: false)))
            } catch {
                return (probe, .failure(error))
            }
        } late: {
        }
        guard let (after, outcome) = result else {
            throw Overrun(description: "it does not end within \(Guest.grace) of being cancelled", isStuck: true)
        }
        probe = after
        return try outcome.get()
    }
}
