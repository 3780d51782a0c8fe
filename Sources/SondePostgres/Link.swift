import CLibPQ
private import Glibc

/// A PGconn, and how to wait for it: every wait has a deadline and can be interrupted.
///
/// Confined to its connection's thread.
@safe final class Link {
    /// How a wait for the socket ended.
    enum Wake {
        case ready
        case deadline
        case interrupted
    }

    /// How a wait for a reply ended.
    enum Progress {
        /// The next reply can be taken without waiting.
        case ready
        case deadline
        case interrupted
        /// The connection broke.
        case lost
        /// More bytes came than one result may have.
        case tooLarge
    }

    private let connection: OpaquePointer
    private let interruption: Interruption
    // libpq keeps a bare pointer to it.
    private let notices: Notices
    private let threads: AbandonedThreads
    private let maxResultBytes: Int
    private var intake = Intake()
    private(set) var cancel: CancelRequest?
    var statements = PreparedStatements()
    /// Whether texts come as they are stored, since the server could not convert one of them.
    var isRaw = false

    /// Takes over a connection that is being made.
    @unsafe init(
        _ connection: OpaquePointer, settings: ConnectionSettings, interruption: Interruption, notices: Notices,
        threads: AbandonedThreads
    ) {
        unsafe self.connection = connection
        self.interruption = interruption
        self.notices = notices
        self.threads = threads
        maxResultBytes = settings.maxResultBytes
        unsafe notices.attach(to: connection)
        // The SQLSTATE of a refusal is nowhere but in the message, and there only if asked for.
        unsafe PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
    }

    /// Says goodbye as far as that needs no waiting, and closes the socket.
    deinit {
        cancel?.abandon()
        unsafe PQfinish(connection)
    }

    // MARK: - State

    /// Whether the connection broke.
    var isBad: Bool { unsafe PQstatus(connection) == CONNECTION_BAD }

    /// The server's version as libpq numbers it: 170004.
    var version: Int32 { unsafe PQserverVersion(connection) }

    var processID: Int32 { unsafe PQbackendPID(connection) }

    /// When the server's certificate ends, in seconds since 1970; nil without TLS, or where that cannot be known.
    var certificateNotAfter: Double? { unsafe SessionCertificates.server(of: connection) }

    /// When our own certificate ends, in seconds since 1970; nil without one, or where that cannot be known.
    var clientCertificateNotAfter: Double? { unsafe SessionCertificates.client(of: connection) }

    /// Whether the session is in a transaction, failed or not.
    var isInTransaction: Bool {
        let status = unsafe PQtransactionStatus(connection)
        return status != PQTRANS_IDLE
    }

    /// Whether a transaction was left open by what has run, failed or not.
    var isInOpenTransaction: Bool {
        let status = unsafe PQtransactionStatus(connection)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    func parameter(_ name: String) -> String? {
        unsafe PQparameterStatus(connection, name).map { unsafe String(cString: $0) }
    }

    /// libpq's last message.
    var message: String {
        unsafe PQerrorMessage(connection).map { unsafe String(cString: $0) } ?? ""
    }

    var needsPassword: Bool { unsafe PQconnectionNeedsPassword(connection) == 1 }

    /// A password in the form that servers store, which tells nobody the password.
    func encrypted(_ password: String, of user: String) -> String? {
        guard let text = unsafe PQencryptPasswordConn(connection, password, user, "scram-sha-256") else { return nil }
        defer { unsafe PQfreemem(text) }
        return unsafe String(cString: text)
    }

    // MARK: - Connecting

    /// Goes one step further in connecting.
    func connectStep() -> PostgresPollingStatusType {
        unsafe PQconnectPoll(connection)
    }

    /// Waits for the socket of a connection that is being made.
    func wait(for status: PostgresPollingStatusType, until deadline: ContinuousClock.Instant) -> Wake {
        wait(for: status == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: deadline, canBeInterrupted: true)
    }

    /// Changes what was right for connecting to what is right for running.
    ///
    /// - Returns: whether that succeeded.
    func begin(pipeline: Bool) -> Bool {
        unsafe PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
        guard unsafe PQsetnonblocking(connection, 1) == 0 else { return false }
        return unsafe !pipeline || PQenterPipelineMode(connection) == 1
    }

    // MARK: - Sending

    /// Queues one statement by the extended protocol.
    func send(_ sql: String) -> Bool {
        unsafe PQsendQueryParams(connection, sql, 0, nil, nil, nil, nil, 0) == 1
    }

    /// Queues the preparation of a statement.
    func sendPrepare(_ name: String, _ sql: String) -> Bool {
        unsafe PQsendPrepare(connection, name, sql, 0, nil) == 1
    }

    /// Queues the question what a prepared statement would give.
    func sendDescribe(_ name: String) -> Bool {
        unsafe PQsendDescribePrepared(connection, name) == 1
    }

    /// Queues a statement that was prepared.
    func sendExecute(_ name: String) -> Bool {
        unsafe PQsendQueryPrepared(connection, name, 0, nil, nil, nil, 0) == 1
    }

    /// Queues the end of a group, at which the server recovers from an error within it.
    func sendSync() -> Bool {
        unsafe PQpipelineSync(connection) == 1
    }

    /// Queues statements by the simple protocol.
    func sendSimple(_ sql: String) -> Bool {
        unsafe PQsendQuery(connection, sql) == 1
    }

    /// Asks the server to end what it runs.
    ///
    /// - Returns: whether a request is under way.
    func requestCancel() -> Bool {
        cancel?.abandon()
        cancel = unsafe CancelRequest.send(for: connection, threads: threads)
        return cancel != nil
    }

    // MARK: - Receiving

    /// Forgets the interruption of a run that has ended.
    func drainInterruption() {
        interruption.drain()
    }

    /// Reads what came while nothing ran, the server's goodbye for one.
    func consumeIdle() {
        unsafe PQconsumeInput(connection)
    }

    /// The next reply; nil between two statements' replies.
    func reply() -> Reply? {
        intake.restart()
        guard let result = unsafe PQgetResult(connection) else { return nil }
        return unsafe Reply(result)
    }

    /// Sends what is queued and waits until a reply can be taken.
    func advance(until deadline: ContinuousClock.Instant, canBeInterrupted: Bool) -> Progress {
        while true {
            // While there is something to send, replies are read all the same: else both sides of a long pipeline would wait for the
            // other to read. An error in sending shows in reading, after the server's last words.
            let isSending = unsafe PQflush(connection) == 1
            if unsafe PQisBusy(connection) == 0 { return .ready }
            let isSecure = unsafe PQsslInUse(connection) == 1
            // Part of a TLS record may have been left within OpenSSL, where poll does not see it.
            let limit = isSecure ? min(deadline, .now + .milliseconds(100)) : deadline
            let events = isSending ? POLLIN | POLLOUT : POLLIN
            switch wait(for: events, until: limit, canBeInterrupted: canBeInterrupted) {
            case .interrupted: return .interrupted
            case .deadline where limit == deadline || ContinuousClock.now >= deadline: return .deadline
            case .ready, .deadline: break
            }
            let socket = unsafe PQsocket(connection)
            let waiting = sonde_waiting_bytes(socket)
            var isAlive = unsafe PQconsumeInput(connection) == 1
            // The server's last words first, then its end: libpq would forget them for it.
            if unsafe PQisBusy(connection) == 0 { return .ready }
            if isAlive, isSecure { isAlive = unsafe PQconsumeInput(connection) == 1 }
            if isAlive, intake.count(socket, before: waiting) > maxResultBytes { return .tooLarge }
            if !isAlive { return unsafe PQisBusy(connection) == 0 ? .ready : .lost }
        }
    }

    /// Waits for the socket.
    private func wait(
        for events: Int32, until deadline: ContinuousClock.Instant, canBeInterrupted: Bool
    ) -> Wake {
        while true {
            var descriptors = [
                pollfd(fd: unsafe PQsocket(connection), events: Int16(events), revents: 0),
                pollfd(fd: canBeInterrupted ? interruption.descriptor : -1, events: Int16(POLLIN), revents: 0),
            ]
            let count = unsafe poll(&descriptors, 2, Self.milliseconds(until: deadline))
            if count > 0, descriptors[1].revents != 0 {
                interruption.drain()
                return .interrupted
            }
            // Drained first and asked after: a cancellation between the two would raise it again.
            if canBeInterrupted, Task.isCancelled { return .interrupted }
            if count > 0 { return .ready }
            if count == 0, ContinuousClock.now >= deadline { return .deadline }
        }
    }

    /// poll's timeout, rounded up so that it never returns early again and again.
    private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
        let left = (deadline - .now) / .milliseconds(1)
        return left <= 0 ? 0 : Int32(min(left.rounded(.up), 3_600_000))
    }

    // MARK: - Closing

    /// Waits after the goodbye for the server to close its side.
    ///
    /// - Parameters:
    ///   - copy: a duplicate of the socket, which keeps it open while libpq ends; it is closed here.
    ///   - deadline: when to close all the same.
    /// - Returns: whether the server's side was seen to close, which says that its backend is gone.
    static func awaitEnd(of copy: Int32, until deadline: ContinuousClock.Instant) -> Bool {
        guard copy >= 0 else { return false }
        defer { close(copy) }
        var rest = [UInt8](repeating: 0, count: 4_096)
        while true {
            var descriptor = pollfd(fd: copy, events: Int16(POLLIN), revents: 0)
            let count = unsafe poll(&descriptor, 1, milliseconds(until: deadline))
            if count == 0, ContinuousClock.now >= deadline { return false }
            guard count > 0 else { continue }
            let length = unsafe recv(copy, &rest, rest.count, Int32(MSG_DONTWAIT))
            if length == 0 || length < 0 && errno != EAGAIN && errno != EINTR { return true }
        }
    }

    /// A duplicate of the socket.
    func duplicate() -> Int32 {
        unsafe fcntl(PQsocket(connection), F_DUPFD_CLOEXEC, 0)
    }
}
