import Synchronization

/// How it went when the configuration was last read: at the start, or anew while it runs.
final class LastReading: Sendable {
    /// A file of `collectors_dir`, or a `queries.yaml`.
    struct File: Sendable, Hashable {
        let path: String
        /// Whether there are mistakes in it, which cost the whole file, or the whole reading where it is not the first.
        let isBad: Bool
        /// What tells one `queries.yaml` from another for postgres_exporter, empty where it cannot be read; nil for files of ours.
        var digest: String?
    }

    struct Picture: Sendable {
        /// Whether there was no mistake.
        var isGood = true
        /// Whether what was read is in force; where it is not, the configuration before it is.
        var isInForce = true
        /// When, in seconds since 1970.
        var time = 0.0
        /// When it last went well; nil if never.
        var lastSuccess: Double?
        var problems: [String] = []
        var files: [File] = []
    }

    private let picture = Mutex(Picture())

    func look() -> Picture {
        picture.withLock { $0 }
    }

    /// Notes a reading.
    ///
    /// - Parameters:
    ///   - problems: what was wrong, a line each.
    ///   - files: those of `collectors_dir`; nil where it was not read.
    ///   - isInForce: whether what was read is in force now.
    func note(problems: [String], files: [File]?, isInForce: Bool) {
        let now = WallClock.now()
        picture.withLock { picture in
            picture.isGood = problems.isEmpty
            picture.isInForce = isInForce
            picture.time = now
            if problems.isEmpty { picture.lastSuccess = now }
            picture.problems = problems
            picture.files = files ?? picture.files
        }
    }
}
