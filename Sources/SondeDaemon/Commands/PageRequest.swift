import NIOCore
import NIOPosix

/// One request for a page, in plain HTTP.
struct PageRequest: Sendable {
    private static let patience = Duration.seconds(60)

    private let host: String
    private let port: Int
    private let path: String

    /// Reads `http://HOST[:PORT][/PATH]`.
    ///
    /// - Throws: `ScrapedPage.Fault` where it is none.
    init(_ url: String) throws(ScrapedPage.Fault) {
        let rest = url.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest.dropFirst(authority.count)
        self.path = path.isEmpty ? "/metrics" : path.hasPrefix("/") ? String(path) : "/\(path)"
        var host = authority
        var port = 80
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            guard let number = UInt16(authority[authority.index(after: colon)...]) else {
                throw ScrapedPage.Fault(description: "the port is not a number from 0 to 65535")
            }
            host = authority[..<colon]
            port = Int(number)
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.contains("@") else {
            throw ScrapedPage.Fault(description: "write http://HOST:PORT/PATH")
        }
        self.host = String(host)
        self.port = port
    }

    /// The body of the answer.
    ///
    /// - Throws: why there is none.
    func text() async throws -> String {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let answer = try await withThrowingTaskGroup(of: String?.self) { tasks in
            tasks.addTask { try await ask(on: group) }
            tasks.addTask {
                try await Task.sleep(for: Self.patience)
                return nil
            }
            defer { tasks.cancelAll() }
            return try await tasks.next() ?? nil
        }
        try? await group.shutdownGracefully()
        guard let answer, let end = answer.firstRange(of: "\r\n\r\n") else {
            throw ScrapedPage.Fault(description: "no answer within \(Self.patience)")
        }
        let status = answer.prefix { $0 != "\r\n" }
        guard status.split(separator: " ").dropFirst().first == "200" else {
            throw ScrapedPage.Fault(description: "the answer is \(status.prefix(60))")
        }
        return String(answer[end.upperBound...])
    }

    private func ask(on group: MultiThreadedEventLoopGroup) async throws -> String {
        let client = try await ClientBootstrap(group: group).connectTimeout(.seconds(5))
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await client.executeThenClose { inbound, outbound in
            // 1.0: the answer ends with the connection, and comes as it is.
            try await outbound.write(ByteBuffer(string: "GET \(path) HTTP/1.0\r\nHost: \(host)\r\n\r\n"))
            var answer = ByteBuffer()
            for try await piece in inbound { answer.writeImmutableBuffer(piece) }
            return String(buffer: answer)
        }
    }
}
