import Logging
import NIOCore
import NIOHTTP1
import Synchronization

@testable import SondeDaemon

/// A server for the time of a test, on a free port of the loopback.
struct HTTPTestServer {
    let server: HTTPServer
    let addresses: [Configuration.ListenAddress]
    private let end: AsyncStream<Never>.Continuation

    /// Asks for the graceful end.
    func stop() {
        end.finish()
    }

    /// A client of the first address.
    func client(buffer: Int32? = nil) throws -> HTTPTestClient {
        try HTTPTestClient(addresses[0], buffer: buffer)
    }

    /// Says which request it was; DELETE is not allowed, and `/missing` not found.
    @Sendable
    static func echo(_ request: HTTPRequest) async -> HTTPResponse {
        if request.path == "/missing" { return .text(.notFound, "404: not found") }
        if request.method == .DELETE { return .text(.methodNotAllowed, "405: no", headers: ["Allow": "GET, HEAD"]) }
        return .text(.ok, "\(request.method) \(request.path)")
    }

    /// Runs a server, lends it, and ends it gracefully.
    static func run<Result>(
        _ listeners: [Configuration.ListenAddress] = [.tcp(host: "127.0.0.1", port: 0)],
        limits: Configuration.Web = .init(), security: WebGuard = WebGuard(),
        handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse = echo,
        _ body: (HTTPTestServer) async throws -> Result
    ) async throws -> Result {
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .debug
        let server = HTTPServer(
            listeners: listeners, limits: limits, logger: logger, security: security, handler: handler)
        let addresses = try await server.bind()
        let (ends, end) = AsyncStream.makeStream(of: Never.self)
        async let running: Void = server.serve { for await _ in ends {} }
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(HTTPTestServer(server: server, addresses: addresses, end: end)))
        } catch { result = .failure(error) }
        end.finish()
        try await running
        return try result.get()
    }
}
