import Sonde
import SondePostgres
import Synchronization

/// Where what works for long says by when it will be heard of again, so that somebody else can tell whether it hangs.
final class Pulse: Sendable {
    /// What a machine under load may be late by.
    static let usualSlack = Duration.seconds(15)

    private let slack: Duration
    /// nil while it waits for something to do.
    private let promised = Mutex<ContinuousClock.Instant?>(nil)

    init(slack: Duration = usualSlack) {
        self.slack = slack
    }

    /// Says that it works, and will be heard of again within a time; by default it waits for nobody.
    func work(within limit: Duration = .zero) {
        let end = ContinuousClock.now + limit
        promised.withLock { $0 = end }
    }

    /// Says that it waits for something to do.
    func rest() {
        promised.withLock { $0 = nil }
    }

    /// Whether it hangs.
    ///
    /// - Parameters:
    ///   - now: the time.
    ///   - due: when there is something to do for it, should it wait; nil for never.
    /// - Returns: true where it was to be heard of by now.
    func hangs(at now: ContinuousClock.Instant, due: ContinuousClock.Instant?) -> Bool {
        let end = promised.withLock { $0 } ?? due
        return end.map { now - $0 > slack } ?? false
    }
}

extension Connection {
    /// Runs statements, and says by when that will have ended, whatever the server does.
    func run(_ jobs: [Job], into sink: any RowSink, pulse: Pulse) async -> [Outcome] {
        // Each has its time, and then that of a cancel request.
        pulse.work(within: jobs.reduce(.zero) { $0 + $1.timeout + .seconds(5) })
        defer { pulse.work() }
        return await run(jobs, into: sink)
    }
}
