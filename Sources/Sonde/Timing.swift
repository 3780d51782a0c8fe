/// When a collector runs, how long it may take and how long its numbers live.
public struct Timing: Sendable, Hashable {
    /// The time from one start to the next.
    public var every: Duration
    /// The time that each of its queries may take.
    public var timeout: Duration
    /// The age at which its numbers leave the page.
    public var expire: Duration

    /// Makes a timing.
    ///
    /// - Parameters:
    ///   - every: the time from one start to the next.
    ///   - timeout: the time that each of its queries may take.
    ///   - expire: the age at which its numbers leave the page; by default three intervals, and at least 60 s.
    public init(every: Duration, timeout: Duration, expire: Duration? = nil) {
        self.every = every
        self.timeout = timeout
        self.expire = expire ?? max(every * 3, .seconds(60))
    }
}
