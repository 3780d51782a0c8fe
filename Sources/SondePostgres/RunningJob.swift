/// The clock of the job that runs: at its deadline the server is asked to end it, and if that does not help the session ends.
struct RunningJob {
    /// The time that a cancelled statement has to end.
    private static let grace = Duration.seconds(1)
    /// The time that what runs still has once it is interrupted: a statement that is cancelled is an error in the server's log.
    private static let farewell = Duration.milliseconds(500)

    private let link: Link
    private let collector: String?
    private let timeout: Duration
    private var deadline: ContinuousClock.Instant
    private var lastChance: ContinuousClock.Instant?
    private(set) var isCancelled = false
    /// When the server is asked to end what runs, since we were interrupted.
    private(set) var leaving: ContinuousClock.Instant?
    var isInterrupted: Bool { leaving != nil }
    /// When the job before it ended.
    let start: ContinuousClock.Instant

    init(
        _ link: Link, timeout: Duration, collector: String?, start: ContinuousClock.Instant = .now,
        leaving: ContinuousClock.Instant? = nil
    ) {
        self.link = link
        self.timeout = timeout
        self.collector = collector
        self.start = start
        self.leaving = leaving
        deadline = min(start + timeout, leaving ?? start + timeout)
    }

    /// The next reply; nil between two statements' replies.
    ///
    /// - Throws: an error after which the session is of no use.
    mutating func reply() throws(PostgresError) -> Reply? {
        while true {
            switch link.advance(until: deadline, canBeInterrupted: !isInterrupted) {
            case .ready: return link.reply()
            case .lost: throw lost(link.message)
            case .tooLarge: throw PostgresError(.other, message: "the result is too large", collector: collector)
            case .interrupted:
                let end = ContinuousClock.now + Self.farewell
                leaving = end
                deadline = min(deadline, end)
                continue
            case .deadline: if isCancelled { throw ended }
            }
            guard !isCancelled else { continue }
            // One request at a time: the one for a job before may still be under way.
            let now = ContinuousClock.now
            if link.cancel?.isUnderWay == true, now < lastChance ?? now + Self.grace {
                lastChance = lastChance ?? now + Self.grace
                deadline = now + .milliseconds(10)
                continue
            }
            isCancelled = true
            guard link.requestCancel() else { throw ended }
            deadline = .now + (isInterrupted ? Self.farewell : Self.grace)
        }
    }

    /// The error of a job that we ended.
    var ended: PostgresError {
        isInterrupted
            ? PostgresError(.other, message: "interrupted", collector: collector)
            : PostgresError(.timeout, message: "no end within \(timeout)", collector: collector)
    }

    /// Says that it was us, where the server says that the job was cancelled.
    func explain(_ error: inout PostgresError?) {
        guard isCancelled, let sqlstate = error?.sqlstate, sqlstate == "57014" else { return }
        error = ended
        error?.sqlstate = sqlstate
    }

    /// The error of a job whose session broke.
    func lost(_ message: String) -> PostgresError {
        PostgresError(.network, message: message.isEmpty ? "the connection was lost" : message, collector: collector)
    }
}
