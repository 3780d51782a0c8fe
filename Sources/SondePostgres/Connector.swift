private import CLibPQ

/// Makes a connection: one attempt per host, each with its share of the time.
struct Connector {
    let settings: ConnectionSettings
    let interruption: Interruption
    let notices: Notices
    let threads: AbandonedThreads

    /// A connection on which nothing has run.
    ///
    /// May hang beyond the deadline where libpq does: in the resolver, GSS, LDAP, or reading a file.
    func connect(by deadline: ContinuousClock.Instant) throws(PostgresError) -> Link {
        let parameters = try StartupParameters(settings)
        let attempts = parameters.attempts
        var errors: [PostgresError] = []
        for (index, keywords) in attempts.enumerated() {
            let now = ContinuousClock.now
            let share = now + (deadline - now) / (attempts.count - index)
            do {
                return try connect(keywords, by: share)
            } catch {
                var error = error
                let isRefusal = ["channel binding", "authentication method"].contains { error.message.contains($0) }
                if isRefusal, error.sqlstate == nil { error.hint = parameters.passwordAdvice ?? error.hint }
                if error.errorClass == .auth, error.sqlstate == nil, error.message.contains("no password supplied") {
                    error.hint = parameters.passwordFileFlaw ?? error.hint
                }
                errors.append(error)
                // The next host only for what is this host's own trouble, as libpq has it.
                let isHosts = [.network, .timeout, .startingUp, .tooManyConnections].contains(error.errorClass)
                if !isHosts || Task.isCancelled { break }
            }
        }
        // A server's word says more than the silence of another.
        guard var error = errors.last(where: { $0.sqlstate != nil }) ?? errors.last else {
            throw PostgresError(.other, message: "there is no host to connect to")
        }
        if errors.count > 1 { error.message = PostgresError.clean(errors.map(\.message).joined(separator: "; ")) }
        throw error.without(secrets: settings.secrets)
    }

    private func connect(
        _ keywords: [String: String], by deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> Link {
        guard let connection = unsafe Self.start(keywords) else {
            throw PostgresError(.other, message: "libpq has no memory for a connection")
        }
        let link = unsafe Link(
            connection, settings: settings, interruption: interruption, notices: notices, threads: threads)
        var status = link.isBad ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while true {
            switch status {
            case PGRES_POLLING_OK:
                return link
            case PGRES_POLLING_READING, PGRES_POLLING_WRITING:
                switch link.wait(for: status, until: deadline) {
                case .ready: status = link.connectStep()
                case .deadline: throw PostgresError(.timeout, message: "no connection within the time limit")
                case .interrupted: throw PostgresError(.other, message: "interrupted while connecting")
                }
            default:
                throw ConnectFailure(link.message).error(needsPassword: link.needsPassword)
            }
        }
    }

    /// Begins by keyword arrays: a composed string would have to be quoted.
    @unsafe static func start(_ keywords: [String: String]) -> OpaquePointer? {
        var copies: [UnsafeMutablePointer<CChar>?] = unsafe []
        defer { for index in unsafe copies.indices { unsafe copies[index]?.deallocate() } }

        var lists: [[UnsafePointer<CChar>?]] = unsafe [[], []]
        for (keyword, value) in keywords {
            for (index, text) in [keyword, value].enumerated() {
                let bytes = text.utf8CString
                let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
                unsafe copy.initialize(from: Array(bytes), count: bytes.count)
                unsafe copies.append(copy)
                unsafe lists[index].append(UnsafePointer(copy))
            }
        }
        unsafe lists[0].append(nil)
        unsafe lists[1].append(nil)
        return unsafe PQconnectStartParams(lists[0], lists[1], 0)
    }
}
