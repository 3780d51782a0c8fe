/// How often the log speaks of one thing: at once where something is new, yet of few changes in a while, and now and then of what stays.
struct LogPace: Sendable {
    /// The time after which what stays, or changes all the time, is told again.
    static let interval = Duration.seconds(300)
    /// The most lines in that time.
    static let most = 4

    private var began: ContinuousClock.Instant?
    private var said = 0
    private var unsaid = 0

    /// Hears that something happened.
    ///
    /// - Parameters:
    ///   - isNews: whether it is not what happened before.
    ///   - now: when.
    /// - Returns: how often the log was silent since it last spoke, where it is to speak; nil where it is to be silent.
    mutating func hear(isNews: Bool, at now: ContinuousClock.Instant) -> Int? {
        let isLongAgo = began.map { now - $0 >= Self.interval } ?? isNews
        if isLongAgo {
            began = now
            said = 0
        }
        guard isLongAgo || isNews && said < Self.most else {
            unsaid += 1
            return nil
        }
        said += 1
        defer { unsaid = 0 }
        return unsaid
    }
}
