package import Sonde
private import Synchronization

/// One session on a server, driven by a thread of its own.
///
/// Opened once: after a failure make another one, which also reads the password again.
package actor Connection {
    private struct Status {
        var isOpen = false
        var isLost = false
        var version: Version?
        var processID: Int32?
        var certificateNotAfter: Double?
        var clientCertificateNotAfter: Double?
        var isSuperuser = false
    }

    private nonisolated let executor = ThreadExecutor()
    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private nonisolated let settings: ConnectionSettings
    private nonisolated let threads: AbandonedThreads
    private nonisolated let notices: Notices
    private nonisolated let interruption = Interruption()
    // Read from outside, also while the thread hangs.
    private nonisolated let status = Mutex(Status())
    private var session: Session?

    /// Makes a connection that is not open.
    ///
    /// - Parameters:
    ///   - settings: where and how to connect.
    ///   - threads: the count of hanging threads, shared by the connections to one server.
    ///   - onNotice: called on the session's thread with what the server has to say beside results.
    package init(
        _ settings: ConnectionSettings, threads: AbandonedThreads = AbandonedThreads(),
        onNotice: @escaping @Sendable (Notice) -> Void = { _ in }
    ) {
        self.settings = settings
        self.threads = threads
        notices = Notices(onNotice)
    }

    isolated deinit {
        session = nil
        executor.letGo()
    }

    /// Whether jobs can be run.
    package nonisolated var isOpen: Bool { status.withLock { $0.isOpen } }

    /// Whether the thread hangs inside libpq, so that this connection can never be used.
    package nonisolated var isLost: Bool { status.withLock { $0.isLost } }

    /// The server's version, once it was open.
    package nonisolated var serverVersion: Version? { status.withLock { $0.version } }

    /// The process that serves us, once it was open; a pooler's number behind one.
    package nonisolated var processID: Int32? { status.withLock { $0.processID } }

    /// When the certificate ends that the server showed, or a pooler before it, in seconds since 1970, once it was open.
    ///
    /// Nil without TLS, or where libpq's TLS library cannot be asked.
    package nonisolated var certificateNotAfter: Double? { status.withLock { $0.certificateNotAfter } }

    /// When the certificate ends that we had for the server, in seconds since 1970, once it was open; nil without one.
    package nonisolated var clientCertificateNotAfter: Double? { status.withLock { $0.clientCertificateNotAfter } }

    /// Whether the role is a superuser, once it was open; false where a pooler does not tell.
    package nonisolated var isSuperuser: Bool { status.withLock { $0.isSuperuser } }

    /// Connects.
    ///
    /// - Parameter limit: the time that it may take; where libpq itself hangs, half a second more.
    /// - Throws: what kept us from connecting.
    package nonisolated func open(within limit: Duration) async throws(PostgresError) {
        guard threads.connects == 0 else {
            throw PostgresError(.timeout, message: "an earlier attempt to connect hangs, most likely in the resolver")
        }
        let deadline = ContinuousClock.now + limit
        let answer = Answer<Result<Void, PostgresError>>()
        // Two tasks of no structure, since a structured one would have to be awaited and this one may hang.
        let attempt = Task { await self.connect(by: deadline, answer) }
        let watch = Task {
            try? await Task.sleep(until: deadline + .milliseconds(500), clock: .continuous)
            let error = PostgresError(.timeout, message: "libpq hangs, most likely in the resolver")
            guard !Task.isCancelled else { return }
            // Counted and marked before the caller hears of it.
            threads.countConnects(1)
            status.withLock { $0.isLost = true }
            guard !answer.give(.failure(error)) else { return }
            threads.countConnects(-1)
            status.withLock { $0.isLost = false }
        }
        let result = await withTaskCancellationHandler {
            await answer.value
        } onCancel: {
            attempt.cancel()
            interrupt()
        }
        watch.cancel()
        try result.get()
    }

    /// Runs jobs one after the other, in one round trip where there is no pooler.
    ///
    /// - Parameters:
    ///   - jobs: what to run, the cheap first.
    ///   - sink: takes each result on the session's thread, as soon as it is complete.
    /// - Returns: what became of each, in the order of the jobs. ``isOpen`` says whether the session survived.
    package nonisolated func run(_ jobs: [Job], into sink: any RowSink) async -> [Outcome] {
        guard isOpen else {
            let error = PostgresError(.network, message: "not connected")
            return jobs.map { _ in Outcome(error: error, wasRun: false) }
        }
        return await withTaskCancellationHandler {
            await self.runJobs(jobs, into: sink)
        } onCancel: {
            interrupt()
        }
    }

    /// A password in the form that servers store (SCRAM-SHA-256), so that neither the way there nor a log ever has the password.
    ///
    /// - Returns: nil where there is no session, or libpq cannot make it.
    package func encrypted(_ password: String, of user: String) -> String? {
        session?.link.encrypted(password, of: user)
    }

    /// Ends the session.
    ///
    /// - Parameter limit: how long to wait for the server's end of it.
    /// - Returns: whether the server was seen to end it, so that its backend is surely gone.
    @discardableResult
    package nonisolated func close(within limit: Duration) async -> Bool {
        guard !isLost else { return false }
        return await end(by: .now + limit)
    }

    /// Ends what runs, from outside; without effect where nothing runs.
    package nonisolated func interrupt() {
        interruption.raise()
    }

    // MARK: - On the session's thread

    /// Connects, and answers from here: the shared pool may be busy for longer than whoever waits has patience.
    private func connect(by deadline: ContinuousClock.Instant, _ answer: Answer<Result<Void, PostgresError>>) {
        guard !answer.give(connect(by: deadline)) else { return }
        discard()
        threads.countConnects(-1)
    }

    private func connect(by deadline: ContinuousClock.Instant) -> Result<Void, PostgresError> {
        executor.hold()
        interruption.drain()
        do throws(PostgresError) {
            if Task.isCancelled { throw PostgresError(.other, message: "interrupted while connecting") }
            let connector = Connector(
                settings: settings, interruption: interruption, notices: notices, threads: threads)
            let link = try connector.connect(by: deadline)
            let session = try Session(link, settings: settings, by: deadline)
            self.session = session
            status.withLock { status in
                status.isOpen = true
                status.version = Version(serverNumber: Int(link.version))
                status.processID = link.processID
                status.certificateNotAfter = link.certificateNotAfter
                status.clientCertificateNotAfter = link.clientCertificateNotAfter
                status.isSuperuser = link.parameter("is_superuser") == "on"
            }
            return .success(())
        } catch {
            executor.letGo()
            return .failure(error.without(secrets: settings.secrets))
        }
    }

    private func runJobs(_ jobs: [Job], into sink: any RowSink) -> [Outcome] {
        interruption.drain()
        guard let session, !Task.isCancelled else {
            let error = PostgresError(.other, message: session == nil ? "not connected" : "interrupted")
            return jobs.map { _ in Outcome(error: error, wasRun: false) }
        }
        let outcomes = session.run(jobs, into: sink)
        if session.isOver { discard() }
        return outcomes
    }

    private func discard() {
        session = nil
        status.withLock { $0.isOpen = false }
        executor.letGo()
    }

    private func end(by deadline: ContinuousClock.Instant) -> Bool {
        let copy = session?.link.duplicate() ?? -1
        discard()
        return Link.awaitEnd(of: copy, until: deadline)
    }
}
