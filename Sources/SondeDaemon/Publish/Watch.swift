import Sonde
import SondePostgres
import Synchronization

/// What is known of one server and of each collector on it; written by the poller, read by every scrape.
final class Watch: Sendable {
    /// How a collector stands on this server.
    enum State: String, Sendable, CaseIterable {
        /// `partial`: it has numbers, and not all, for want of a right.
        case pending, ok, partial, failed, stale, unavailable, disabled
        case skippedVersion = "skipped_version"
        case skippedRole = "skipped_role"
        case breakerOpen = "breaker_open"

        /// Whether something is wrong.
        var isFailure: Bool { self == .failed || self == .breakerOpen }
        /// Whether there are numbers.
        var isSuccess: Bool { self == .ok || self == .partial }
    }

    /// One run of a collector, in one database or all of them.
    struct Report: Sendable {
        var state = State.ok
        var duration = Duration.zero
        var counts = Samples.Counts()
        var bytes = 0
        var errors: [ErrorClass: Int] = [:]
        /// What went wrong or is missing, for people; empty if nothing.
        var detail = ""
        /// What the role may not do, so that something is missing.
        private(set) var lacks = Lacks()
        /// Whether there is a database in which that leaves nothing to show.
        private var isBarred = false
        /// When it is tried again, where it waits longer than its interval since it failed.
        var retry: ContinuousClock.Instant?

        init() {}

        /// The report of a collector that could not do its work.
        init(failure: PostgresError) {
            fail(failure.errorClass, failure.description)
        }

        /// Says that the run failed.
        mutating func fail(_ errorClass: ErrorClass, _ detail: String) {
            state = .failed
            errors = [errorClass: 1]
            self.detail = detail
        }

        /// Says what is missing, be it all or a part.
        mutating func miss(_ lacks: Lacks) {
            guard !lacks.isEmpty else { return }
            self.lacks.formUnion(lacks)
            if state == .unavailable { isBarred = true }
            if state.isSuccess { state = .partial }
            detail = self.lacks.text
        }

        /// This, and what the same collector gave in another database.
        ///
        /// A failure stands for all; what one database does not have is no fault where another has it. A right that is missing is one,
        /// and leaves nothing where the others have nothing to show.
        func adding(_ other: Report) -> Report {
            var sum = self
            if sum.state != .failed, other.state == .failed || !sum.state.isSuccess {
                sum.state = other.state
                sum.detail = other.detail
            }
            sum.lacks.formUnion(other.lacks)
            sum.isBarred = isBarred || other.isBarred
            sum.counts.rows += other.counts.rows
            if sum.isBarred, sum.counts.rows == 0, sum.state.isSuccess { sum.state = .unavailable }
            if sum.state.isSuccess || sum.state == .unavailable { sum.miss(sum.lacks) }
            sum.duration += other.duration
            sum.counts.series += other.counts.series
            sum.counts.duplicates += other.counts.duplicates
            sum.counts.unreadable += other.counts.unreadable
            sum.counts.badHistograms += other.counts.badHistograms
            sum.counts.unknownStates += other.counts.unknownStates
            sum.counts.locked += other.counts.locked
            sum.counts.folded += other.counts.folded
            sum.counts.dropped += other.counts.dropped
            sum.counts.truncated += other.counts.truncated
            sum.bytes += other.bytes
            sum.errors.merge(other.errors, uniquingKeysWith: +)
            return sum
        }
    }

    /// A collector's last run and what has added up since the start.
    struct Condition: Sendable {
        var state = State.pending
        var last: Report?
        var lastSuccess: ContinuousClock.Instant?
        /// Seconds since 1970.
        var lastSuccessTime: Double?
        var errors: [ErrorClass: Int] = [:]
        var skipped = 0
        var duplicates = 0
        var unreadable = 0
        var durations = DurationHistory()

        /// The state, which says so where the numbers are too old to be shown.
        func state(at now: ContinuousClock.Instant, expire: Duration) -> State {
            guard state.isSuccess, let lastSuccess, now - lastSuccess > expire else { return state }
            return .stale
        }
    }

    /// Everything, at one moment.
    struct Picture: Sendable {
        var facts: Facts?
        var lastReply: ContinuousClock.Instant?
        /// Why the server gave no reply to the last attempt; nil once there is one.
        var failure: ErrorClass?
        var failureDetail = ""
        /// When the attempt began that got no reply.
        var failureStart: ContinuousClock.Instant?
        var conditions: [Condition] = []
        /// Visits of the lane for what is cheap, and how long the last of them took.
        var polls = 0
        var lastPoll = Duration.zero
        var open = 0
        var opened = 0
        var failed: [ErrorClass: Int] = [:]
        /// When the certificate ends that the server showed at the last login, in seconds since 1970; nil if that was without TLS.
        var certificateNotAfter: Double?
        /// When the certificate ends that we had for the server at the last login, in seconds since 1970; nil without one.
        var clientCertificateNotAfter: Double?
        /// Whether the log has said that what the user wrote runs as a superuser.
        var isSuperuserTold = false
        /// The least time from one round over all databases to the next.
        var round = Duration.zero

        /// How long the numbers of a collector live.
        func expiry(_ timing: Timing, of collector: any Collector) -> Duration {
            collector.per == .database ? max(timing.expire, round * 3) : timing.expire
        }

        /// Whether the server is up: its last answer came within twice the base interval, or 2 s, and nothing has gone unanswered since.
        func isUp(at now: ContinuousClock.Instant, base: Duration) -> Bool {
            guard failure == nil, let lastReply else { return false }
            return now - lastReply <= max(base * 2, .seconds(2))
        }

        /// Why the server is not up; nil where it is, and before the first attempt has ended.
        func reason(at now: ContinuousClock.Instant, base: Duration) -> ErrorClass? {
            if isUp(at: now, base: base) { return nil }
            return failure ?? (lastReply == nil ? nil : .timeout)
        }
    }

    /// What is left of a server's certificate when people are told that it ends, in seconds.
    static let certificateNotice = 30.0 * 86_400

    let name: String
    let kind: ServerKind
    /// The shortest interval of the collectors that always run.
    let base: Duration
    private let picture: Mutex<Picture>
    /// What took this one's place under another configuration: what is still noted here goes there.
    private let successor = Mutex<Watch?>(nil)
    private let pace = Mutex(LogPace())

    init(name: String, kind: ServerKind = .postgresql, base: Duration, collectors: Int) {
        self.name = name
        self.kind = kind
        self.base = base
        picture = Mutex(Picture(conditions: Array(repeating: Condition(), count: collectors)))
    }

    /// Goes on where another one stands, which then hands on what it is told.
    ///
    /// - Parameters:
    ///   - other: the same server's.
    ///   - moves: the places here of the collectors that are the same.
    func succeed(_ other: Watch, moves: [Int: Int]) {
        other.successor.withLock { successor in
            var found = other.look()
            let own = look().conditions
            let known = found.conditions
            found.conditions = own
            for (old, new) in moves { found.conditions[new] = known[old] }
            picture.withLock { [found] in $0 = found }
            successor = self
        }
    }

    /// What the server is, in a few words.
    func title(_ facts: Facts) -> String {
        switch kind {
        case .postgresql: "PostgreSQL \(facts.version), \(facts.isInRecovery ? "standby" : "primary")"
        case .pgbouncer: "PgBouncer \(facts.version)"
        }
    }

    func look() -> Picture {
        picture.withLock { $0 }
    }

    /// Notes a change under the lock.
    func note<Result: Sendable>(_ change: @Sendable (inout Picture) -> Result) -> Result {
        successor.withLock { successor in
            if let successor { return successor.note(change) }
            return picture.withLock { change(&$0) }
        }
    }

    /// Notes which collectors do not run.
    func disable(_ collectors: [Int]) {
        note { picture in
            for collector in collectors { picture.conditions[collector].state = .disabled }
        }
    }

    /// Whether the log may speak of the server's coming and going now.
    ///
    /// - Returns: how often it was silent since it last spoke; nil where it is to be silent.
    func logs(isNews: Bool) -> Int? {
        pace.withLock { $0.hear(isNews: isNews, at: .now) }
    }

    /// Notes that the server answered, be it with an error.
    ///
    /// - Parameter instant: when: an answer of before the silence does not end it.
    /// - Returns: whether it did not before.
    @discardableResult func noteReply(at instant: ContinuousClock.Instant = .now) -> Bool {
        note {
            $0.lastReply = max($0.lastReply ?? instant, instant)
            if let failureStart = $0.failureStart, instant <= failureStart { return false }
            let isNews = $0.failure != nil
            $0.failure = nil
            $0.failureDetail = ""
            $0.failureStart = nil
            return isNews
        }
    }

    /// Notes that the server did not answer.
    ///
    /// - Parameters:
    ///   - error: what came of the attempt.
    ///   - start: when the attempt began: an answer to another session since then says that the server is there.
    /// - Returns: whether this is news; nil where it is no silence.
    func noteSilence(_ error: PostgresError, since start: ContinuousClock.Instant) -> Bool? {
        note {
            if let lastReply = $0.lastReply, lastReply > start { return nil }
            let isNews = $0.failure != error.errorClass
            $0.failure = error.errorClass
            $0.failureDetail = error.description
            $0.failureStart = start
            return isNews
        }
    }

    /// Notes how a collector's run went.
    ///
    /// - Returns: the state before, if that or the kind of what is wrong with it has changed: the text of an error may differ each time.
    func note(_ report: Report, of collector: Int, skipped: Int, time: Double) -> State? {
        note { picture in
            var condition = picture.conditions[collector]
            let before = condition.state
            let isNews =
                before != report.state || condition.last.map { Set($0.errors.keys) } != Set(report.errors.keys)
                || [.unavailable, .partial].contains(report.state) && condition.last?.detail != report.detail
            condition.state = report.state
            condition.last = report
            condition.skipped = skipped
            condition.duplicates += report.counts.duplicates
            condition.unreadable += report.counts.unreadable
            condition.errors.merge(report.errors, uniquingKeysWith: +)
            if report.state.isSuccess || report.state.isFailure { condition.durations.add(report.duration) }
            if report.state.isSuccess {
                condition.lastSuccess = .now
                condition.lastSuccessTime = time
            }
            picture.conditions[collector] = condition
            return isNews ? before : nil
        }
    }
}
