import Glibc
import Synchronization

/// Many clients of a daemon at a time, on one thread that never blocks in any of them.
final class ScraperCrowd: Sendable {
    /// What a client does.
    enum Kind: Sendable, CaseIterable {
        /// Asks again and again over one connection, and reads what it gets.
        case scraper
        /// Asks, says that it will say no more, and reads to the end.
        case halfClosed
        /// Asks for many pages and reads none.
        case slowReader
        /// Sends its request byte by byte.
        case slowSender
        /// Sends what is no HTTP.
        case garbage
        /// Sends a head without end.
        case endless
    }

    /// What the clients have seen.
    struct Counts: Sendable {
        /// Answers by status.
        var answers: [Int: Int] = [:]
        var bytes = 0
        /// Connections that were made, and those that could not be.
        var connected = 0
        var refused = 0
        /// Answers to scrapers that ended early.
        var broken = 0
    }

    private struct Client {
        let kind: Kind
        var file: Int32 = -1
        var sending: ArraySlice<UInt8> = []
        var head: [UInt8] = []
        var bodyLeft: Int?
        var asked = 0
    }

    private struct State {
        var counts = Counts()
        var isEnding = false
    }

    private static let endOfHead: [UInt8] = [13, 10, 13, 10]

    private let port: Int
    private let paths: [String]
    private let headers: String
    private let state = Mutex(State())

    /// Prepares clients of a daemon.
    ///
    /// - Parameters:
    ///   - port: where it listens on loopback.
    ///   - paths: what scrapers ask for, in turn.
    ///   - headers: further lines of a request, each with its end.
    init(port: Int, paths: [String] = ["/metrics"], headers: String = "") {
        self.port = port
        self.paths = paths
        self.headers = headers
    }

    /// What has been seen so far.
    var counts: Counts { state.withLock { $0.counts } }

    /// Lets the clients go to work while `body` runs.
    func during<Value>(
        _ members: [Kind: Int], isolation: isolated (any Actor)? = #isolation,
        _ body: (ScraperCrowd) async throws -> Value
    ) async throws -> Value {
        async let ended: Void = blocking { [self] in run(members) }
        let result: Result<Value, any Error>
        do { result = .success(try await body(self)) } catch { result = .failure(error) }
        state.withLock { $0.isEnding = true }
        try await ended
        return try result.get()
    }

    private func run(_ members: [Kind: Int]) {
        var clients = members.flatMap { kind, count in Array(repeating: Client(kind: kind), count: count) }
        var random = SystemRandomNumberGenerator()
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        defer { for client in clients where client.file >= 0 { close(client.file) } }
        while !state.withLock({ $0.isEnding }) {
            for index in clients.indices where clients[index].file < 0 { connect(&clients[index], &random) }
            var files = clients.map { client in
                var events = client.kind == .slowReader ? 0 : POLLIN
                if !client.sending.isEmpty, client.kind != .slowSender { events |= POLLOUT }
                return pollfd(fd: client.file, events: Int16(events), revents: 0)
            }
            let ready = unsafe poll(&files, nfds_t(files.count), 20)
            for index in clients.indices {
                let events = Int32(files[index].revents)
                if clients[index].kind == .slowSender, random.next() % 8 == 0 { send(&clients[index], atMost: 1) }
                guard ready > 0, events != 0, clients[index].file >= 0 else { continue }
                if events & POLLOUT != 0 { send(&clients[index], atMost: .max) }
                if events & POLLIN != 0 {
                    receive(&clients[index], &piece)
                } else if events & (POLLERR | POLLHUP) != 0 {
                    disconnect(&clients[index])
                }
            }
        }
    }

    private func connect(_ client: inout Client, _ random: inout SystemRandomNumberGenerator) {
        let file = FaultListener.connect(to: port)
        client.file = file
        client.head = []
        client.bodyLeft = nil
        _ = fcntl(file, F_SETFL, O_NONBLOCK)
        state.withLock { $0.counts.connected += 1 }
        switch client.kind {
        case .scraper: ask(&client)
        case .halfClosed:
            client.sending = request("/metrics")
            send(&client, atMost: .max)
            shutdown(file, Int32(SHUT_WR))
        case .slowReader:
            var size: Int32 = 4_096
            unsafe setsockopt(file, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
            client.sending = ArraySlice((0..<20).flatMap { _ in request("/metrics") })
        case .slowSender: client.sending = request("/metrics")
        case .garbage: client.sending = ArraySlice((0..<5_000).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        case .endless:
            client.sending = request("/metrics").dropLast(2) + repeatElement(UInt8(ascii: "x"), count: 100_000)
        }
    }

    private func ask(_ client: inout Client) {
        client.sending = request(paths[client.asked % paths.count])
        client.asked += 1
    }

    private func request(_ path: String) -> ArraySlice<UInt8> {
        Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n".utf8)[...]
    }

    private func send(_ client: inout Client, atMost most: Int) {
        guard client.file >= 0, !client.sending.isEmpty else { return }
        let count = unsafe client.sending.prefix(most).withUnsafeBytes {
            unsafe Glibc.send(client.file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        if count > 0 { client.sending = client.sending.dropFirst(count) }
        if count < 0, errno != EAGAIN { disconnect(&client) }
    }

    private func receive(_ client: inout Client, _ piece: inout [UInt8]) {
        let count = unsafe recv(client.file, &piece, piece.count, Int32(MSG_DONTWAIT))
        guard count > 0 else {
            if count == 0 || errno != EAGAIN { disconnect(&client) }
            return
        }
        state.withLock { $0.counts.bytes += count }
        var rest = piece[..<count]
        while !rest.isEmpty {
            if let left = client.bodyLeft {
                let taken = min(left, rest.count)
                rest = rest.dropFirst(taken)
                client.bodyLeft = left - taken
            } else {
                // Heads are small and come whole, as a rule.
                client.head += rest
                rest = []
                guard let end = client.head.firstRange(of: Self.endOfHead)?.upperBound else { return }
                let head = String(decoding: client.head[..<end], as: UTF8.self)
                let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
                let length = head.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) } ?? 0
                state.withLock { $0.counts.answers[status, default: 0] += 1 }
                rest = client.head[end...]
                client.head = []
                client.bodyLeft = length
            }
            guard client.bodyLeft == 0 else { continue }
            client.bodyLeft = nil
            if client.kind == .scraper, client.sending.isEmpty { ask(&client) }
        }
        if !client.sending.isEmpty, client.kind == .scraper { send(&client, atMost: .max) }
    }

    private func disconnect(_ client: inout Client) {
        if client.kind == .scraper {
            state.withLock { $0.counts.broken += 1 }
        }
        close(client.file)
        client.file = -1
    }
}
