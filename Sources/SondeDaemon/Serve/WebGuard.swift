import NIOHTTP1
import Synchronization

/// Stands before everything that the listener serves: TLS, a rate limit, users, and the headers that the user wants.
final class WebGuard: Sendable {
    /// Requests that were turned away.
    struct Refusals: Sendable, Hashable {
        /// For a user or a password that is wrong, or none.
        var authentication = 0
        /// Since more came than the rate limit lets through.
        var rate = 0
        /// Since too many passwords waited to be compared.
        var busy = 0
    }

    private struct State {
        var configuration: WebConfiguration
        var users: BasicUsers?
        var bucket: TokenBucket?
        var refusals = Refusals()
        /// Whether the last reading of the file was good.
        var isCurrent = true

        init(_ configuration: WebConfiguration) {
            self.configuration = configuration
            users = configuration.users.isEmpty ? nil : BasicUsers(configuration.users)
            bucket = configuration.rateLimit.map { TokenBucket(interval: $0.interval, burst: $0.burst) }
        }
    }

    /// The file that the configuration comes from; nil where there is none.
    let path: String?
    private let state: Mutex<State>

    /// Guards by a configuration, or by none: then everybody may read, in the clear.
    init(_ configuration: WebConfiguration? = nil) {
        path = configuration?.files.first
        state = Mutex(State(configuration ?? WebConfiguration()))
    }

    /// What a connection that begins now is to speak; nil for plain HTTP.
    var tls: TLSIdentity? { state.withLock { $0.configuration.tls } }
    /// What is in force.
    var configuration: WebConfiguration { state.withLock { $0.configuration } }
    /// What was turned away since the start.
    var refusals: Refusals { state.withLock { $0.refusals } }
    /// Whether the file said at its last reading what is in force.
    var isCurrent: Bool { state.withLock { $0.isCurrent } }

    // MARK: Requests

    /// Answers a request, by the handler only if the client may ask.
    func answer(_ request: HTTPRequest, by handler: @Sendable (HTTPRequest) async -> HTTPResponse) async -> HTTPResponse
    {
        var response: HTTPResponse
        if let refusal = await refusal(of: request) { response = refusal } else { response = await handler(request) }
        for header in state.withLock({ $0.configuration.headers }) {
            response.headers.replaceOrAdd(name: header.name, value: header.value)
        }
        return response
    }

    private func refusal(of request: HTTPRequest) async -> HTTPResponse? {
        let (users, isInTime) = state.withLock { state in (state.users, state.bucket?.take(at: .now) ?? true) }
        guard isInTime else {
            count(\.rate)
            return .text(
                .tooManyRequests, "429: more requests come than rate_limit allows", headers: ["Retry-After": "1"])
        }
        guard let users else { return nil }
        let verdict =
            if let credentials = BasicCredentials(request.headers) { await users.verify(credentials) } else {
                BasicUsers.Verdict.refused
            }
        switch verdict {
        case .allowed: return nil
        case .refused:
            count(\.authentication)
            return .text(
                .unauthorized, "401: who are you? A user of basic_auth_users and the password are needed",
                headers: ["WWW-Authenticate": "Basic realm=\"pgsonde\", charset=\"UTF-8\""])
        case .busy:
            count(\.busy)
            return .text(
                .serviceUnavailable, "503: too many passwords wait to be checked", headers: ["Retry-After": "1"])
        }
    }

    private func count(_ reason: WritableKeyPath<Refusals, Int>) {
        state.withLock { $0.refusals[keyPath: reason] += 1 }
    }

    // MARK: Reloading

    /// Reads the file and what it names again, and forgets every password; connections that are open stay as they are.
    ///
    /// It waits for files: call it on a thread that may. Where the file is wrong, or would take away a protection that is in force,
    /// which half-written files seem to, all stays as it is.
    ///
    /// - Throws: everything that is wrong.
    func reload() throws(FileProblems) {
        guard let path else { return }
        do throws(FileProblems) {
            let configuration = try WebConfigurationFile.read(path)
            if let loss = state.withLock({ configuration.loss(since: $0.configuration) }) {
                throw FileProblems(problems: [
                    FileProblem(path, "there is no \(loss) in it any more: restart pgsonde if that is meant")
                ])
            }
            state.withLock { state in
                let refusals = state.refusals
                let rate = state.configuration.rateLimit
                let bucket = state.bucket
                state = State(configuration)
                state.refusals = refusals
                // A new certificate is no reason for a new burst.
                if configuration.rateLimit == rate { state.bucket = bucket }
            }
        } catch {
            state.withLock { $0.isCurrent = false }
            throw error
        }
    }
}

extension WebConfiguration {
    /// The protection that another configuration has and this one has not, by the name of its section.
    fileprivate func loss(since other: WebConfiguration) -> String? {
        if other.tls != nil, tls == nil { return "tls_server_config" }
        if !other.users.isEmpty, users.isEmpty { return "basic_auth_users" }
        guard let mine = tls, let before = other.tls else { return nil }
        if before.clients == .requireAndVerify, mine.clients != .requireAndVerify {
            return "RequireAndVerifyClientCert"
        }
        if before.clients != .none, mine.clients == .none { return "client_auth_type" }
        if before.hasClientAuthority, !mine.hasClientAuthority { return "client_ca" }
        if before.clientNames != nil, mine.clientNames == nil { return "client_allowed_sans" }
        return nil
    }
}
