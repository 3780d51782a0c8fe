/// How dear a collector is, which gives its default interval and time limit.
public enum Cost: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Reads shared memory: every 15 s, at most 2 s.
    case light
    /// Reads much of it, or a catalogue: every 60 s, at most 5 s.
    case medium
    /// Reads files or whole relations: every 600 s, at most 30 s.
    case heavy

    /// Whether the left one is run more often.
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
