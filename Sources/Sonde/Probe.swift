/// Takes the samples of a ``LocalCollector``, poll after poll.
public protocol Probe: Sendable {
    /// Takes one poll.
    ///
    /// Runs on a thread of its own, so that it may wait, and is cancelled when the collector's time limit has passed. What does not
    /// end then is given up: the run has failed, and there is no other before it has ended after all.
    ///
    /// - Parameter samples: where the samples go.
    /// - Throws: whatever makes the run useless; its description is shown to the user. One value that cannot be read is no such thing,
    ///   count it by ``Samples/skip()``.
    mutating func read(into samples: inout Samples) async throws
}
