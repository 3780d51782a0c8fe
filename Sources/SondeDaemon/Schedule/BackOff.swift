/// When the next attempt to connect may be made: later and later, up to a bound.
struct BackOff: Sendable {
    /// The wait after the first failure.
    static let first = Duration.seconds(1)
    /// The longest wait, before jitter: one base interval.
    static let longest = Duration.seconds(15)

    private(set) var failures = 0
    private(set) var until: ContinuousClock.Instant?

    /// Notes a failure.
    ///
    /// - Parameters:
    ///   - now: when.
    ///   - random: between 0 and 1; spreads the attempts of many daemons and servers.
    mutating func fail(at now: ContinuousClock.Instant, random: Double) {
        failures += 1
        let wait = min(Self.first * (1 << min(failures - 1, 8)), Self.longest)
        until = now + wait * (0.8 + 0.4 * random)
    }

    /// Notes a success.
    mutating func succeed() {
        failures = 0
        until = nil
    }
}
