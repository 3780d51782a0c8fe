/// How dear a collector is, which gives its default interval and time limit.
public enum Cost: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Reads shared memory: every 15 s, at most 2 s.
    case light
    /// Reads much of it, or a catalogue: every 60 s, at most 5 s.
    case medium
    /// Reads files or whole relations: every 600 s, at most 30 s.
    case heavy

    public static func < (left: Cost, right: Cost) -> Bool {
        left.timing.every < right.timing.every
    }

    /// The times that a collector of this cost has by default.
    public var timing: Timing {
        switch self {
        case .light: Timing(every: .seconds(15), timeout: .seconds(2))
        case .medium: Timing(every: .seconds(60), timeout: .seconds(5))
        case .heavy: Timing(every: .seconds(600), timeout: .seconds(30))
        }
    }
}

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

/// Where a collector's queries run.
public enum Scope: String, Sendable, Hashable, CaseIterable {
    /// Once per server.
    case server
    /// In every database of the server; a `datname` label comes by itself.
    case database
}

/// The servers that a collector makes sense on.
public enum ServerRole: String, Sendable, Hashable, CaseIterable {
    /// Primaries and standbys.
    case any
    /// Servers that are not in recovery.
    case primary
    /// Servers that are in recovery.
    case standby
}
