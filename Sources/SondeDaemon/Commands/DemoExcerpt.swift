import NIOCore
import NIOPosix

/// Scrapes our own page once there is something on it, and shows a few lines.
struct DemoExcerpt: Sendable {
    private static let lines = 8

    private let host: String
    private let port: Int
    private let path: String

    /// Finds the first address that can be scraped; nil if there is none, or its port is not known yet.
    init?(of web: Configuration.Web) {
        for case .tcp(let host, let port) in web.listen where port != 0 {
            self.host = ["", "::", "0.0.0.0"].contains(host) ? "127.0.0.1" : host
            self.port = port
            path = web.telemetryPath
            return
        }
        return nil
    }

    /// Waits for the first numbers, some seconds at most, and tells them.
    func show(by say: @Sendable (String) -> Void) async {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        for _ in 0..<20 {
            do { try await Task.sleep(for: .seconds(1)) } catch { break }
            guard let page = try? await scrape(on: group) else { continue }
            let samples = page.split(separator: "\n").filter { !$0.hasPrefix("#") }
            let examples = samples.filter { $0.contains("\"\(DemoServer.database)\"") }.prefix(Self.lines)
            guard examples.count == Self.lines else { continue }
            say("the page has \(samples.count) series; some of them:")
            for example in examples { say("  \(example)") }
            break
        }
        try? await group.shutdownGracefully()
    }

    private func scrape(on group: MultiThreadedEventLoopGroup) async throws -> String {
        let client = try await ClientBootstrap(group: group).connectTimeout(.seconds(1)).connect(host: host, port: port)
        {
            channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await client.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: "GET \(path) HTTP/1.0\r\n\r\n"))
            var answer = ByteBuffer()
            for try await piece in inbound { answer.writeImmutableBuffer(piece) }
            let text = String(buffer: answer)
            return text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
        }
    }
}
