import Synchronization

/// Bounds how often sessions are opened to visit other databases than the user's: each is a process, and a line in many a log.
///
/// A round over all databases is never cut short; the next one waits instead.
final class LoginRate: Sendable {
    private struct State {
        /// When as many logins as there were will have been allowed.
        var even: ContinuousClock.Instant?
        var round: Duration = .zero
    }

    /// So much may be ahead of what is allowed, so that few databases never wait.
    private static let leeway = Duration.seconds(60)

    private let interval: Duration
    private let state = Mutex(State())

    init(perHour: Int) {
        interval = Duration.seconds(3_600) / perHour
    }

    /// Notes a login, or an attempt.
    func note(at now: ContinuousClock.Instant) {
        state.withLock { $0.even = max($0.even ?? now, now) + interval }
    }

    /// Notes how many databases the last round visited by logins of their own.
    func noteRound(of databases: Int) {
        state.withLock { $0.round = interval * databases }
    }

    /// The time that the last round was allowed to take, which is the least from one round to the next.
    var round: Duration { state.withLock { $0.round } }

    /// When the next round may begin; nil if at once.
    func next(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        state.withLock { state in
            guard let even = state.even, even - now > Self.leeway else { return nil }
            return even - Self.leeway
        }
    }
}
