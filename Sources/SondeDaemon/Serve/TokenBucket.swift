/// Lets a burst of requests through, and from then on one an interval.
struct TokenBucket: Sendable {
    let interval: Duration
    let burst: Int
    private var tokens: Double
    private var last: ContinuousClock.Instant?

    init(interval: Duration, burst: Int) {
        self.interval = interval
        self.burst = burst
        tokens = Double(burst)
    }

    /// Takes a token, if there is one.
    mutating func take(at now: ContinuousClock.Instant) -> Bool {
        if let last { tokens = min(tokens + max(now - last, .zero) / interval, Double(burst)) }
        last = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
