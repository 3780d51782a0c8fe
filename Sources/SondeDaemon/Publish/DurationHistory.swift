/// How long the last runs took, as far back as a small picture of them needs.
struct DurationHistory: Sendable {
    /// The most runs that are remembered.
    static let most = 32

    /// The seconds of each, the newest last, unless more have been added than are kept.
    private var ring: [Float] = []
    private var next = 0

    /// Adds a run.
    mutating func add(_ duration: Duration) {
        let seconds = Float(duration / .seconds(1))
        if ring.count < Self.most {
            ring.append(seconds)
        } else {
            ring[next] = seconds
            next = (next + 1) % Self.most
        }
    }

    /// The seconds of each, the oldest first.
    var seconds: [Double] {
        (ring[next...] + ring[..<next]).map(Double.init)
    }
}
