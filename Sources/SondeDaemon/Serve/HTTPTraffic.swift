import Synchronization

/// What the HTTP server has done so far, readable from anywhere.
final class HTTPTraffic: Sendable {
    /// The figures at one moment.
    struct Counts: Sendable, Hashable {
        /// Connections that are open now.
        var open = 0
        /// Connections accepted.
        var accepted = 0
        /// Requests, refused ones included.
        var requests = 0
        /// Bytes of responses, heads included, that were handed to the channel.
        var bytes = 0
        /// Responses that were cut because handler or client took too long.
        var cut = 0
    }

    private let counts = Mutex(Counts())

    /// The figures now.
    var now: Counts {
        counts.withLock { $0 }
    }

    /// Adds to one figure.
    func add(_ change: Int = 1, to figure: WritableKeyPath<Counts, Int>) {
        counts.withLock { $0[keyPath: figure] += change }
    }
}
