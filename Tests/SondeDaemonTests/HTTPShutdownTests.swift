import Logging
import NIOHTTP1
import Testing

@testable import SondeDaemon

@Suite("The end of the HTTP server")
struct HTTPShutdownTests {
    private static let request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test("a request in flight is answered, what rests is closed, and nobody new comes in")
    func graceful() async throws {
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        try await HTTPTestServer.run { request in
            if request.path == "/a" {
                begin.yield()
                for await _ in ends { break }
            }
            return .text(.ok, "done")
        } _: { server in
            let resting = try server.client()
            let fresh = try server.client()
            try await resting.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await resting.answer()?.status == 200)
            let busy = try server.client()
            try await busy.send(Self.request + Self.request)
            for await _ in begun { break }

            server.stop()
            #expect(try await resting.isClosed())
            #expect(try await fresh.isClosed())
            #expect(throws: HTTPTestClient.Failure.self) { _ = try server.client() }
            end.yield()
            let answer = try #require(try await busy.answer())
            #expect(answer.text == "done\n")
            #expect(answer.headers["connection"] == "close")
            // The second was not begun.
            #expect(try await busy.isClosed())
        }
    }

    @Test("a handler without end and a client that does not read do not keep it")
    func hard() async throws {
        try await HTTPTestServer.run { _ in
            // Not even cancellation moves it, for a while.
            for _ in 0..<400 { await Task { try? await Task.sleep(for: .milliseconds(10)) }.value }
            return .text(.ok, "late")
        } _: { server in
            let client = try server.client()
            try await client.send(Self.request)
            while server.server.traffic.now.requests < 1 { try await Task.sleep(for: .milliseconds(5)) }
            server.stop()
            #expect(try await client.isClosed())
        }
    }

    @Test("cancellation ends it at once")
    func cancelled() async throws {
        let server = HTTPServer(
            listeners: [.tcp(host: "127.0.0.1", port: 0)], limits: .init(), logger: .init(label: "test"),
            handler: HTTPTestServer.echo)
        let address = try await server.bind()[0]
        let client = try HTTPTestClient(address)
        let running = Task { try await server.run() }
        running.cancel()
        try await running.value
        #expect(try await client.isClosed())
    }
}
