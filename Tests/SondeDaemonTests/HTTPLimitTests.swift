import NIOCore
import NIOHTTP1
import Testing

@testable import SondeDaemon

@Suite("HTTP limits")
struct HTTPLimitTests {
    private static let request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
    /// 50 MB, as pages are: pieces of 1 MB that all readers share.
    private static let pieces = (0..<50).map { ByteBuffer(repeating: UInt8($0), count: 1 << 20) }

    @Sendable
    private static func big(_ request: HTTPRequest) async -> HTTPResponse {
        HTTPResponse(contentType: "text/plain", body: pieces)
    }

    @Test("a head that comes too slowly is cut", arguments: ["GET /a", "GET /a HTTP/1.1\r\nHost: a\r\nX: y\r\n"])
    func slowHead(_ part: String) async throws {
        var limits = Configuration.Web()
        limits.headerTimeout = .milliseconds(150)
        try await HTTPTestServer.run(limits: limits) { server in
            let client = try server.client()
            try await client.send(part)
            // A byte now and then does not help.
            for _ in 0..<20 where try await client.send("x") { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try await client.answer()?.status == 408)
            #expect(try await client.isClosed())
        }
    }

    @Test("a client that never asks anything is disconnected")
    func silent() async throws {
        var limits = Configuration.Web()
        limits.headerTimeout = .milliseconds(50)
        try await HTTPTestServer.run(limits: limits) { server in
            let client = try server.client()
            #expect(try await client.isClosed())
        }
    }

    @Test("a connection that rests too long is closed, but not as soon as a new one would be")
    func idle() async throws {
        var limits = Configuration.Web()
        limits.headerTimeout = .milliseconds(1)
        limits.idleTimeout = .milliseconds(300)
        try await HTTPTestServer.run(limits: limits) { server in
            let client = try server.client()
            try await client.send(Self.request)
            guard let answer = try await client.answer() else { return }  // slower than a millisecond
            #expect(answer.status == 200)
            #expect(try await client.isClosed())
        }
    }

    @Test("a handler that does not come to an end is cancelled, and the client told")
    func slowHandler() async throws {
        var limits = Configuration.Web()
        limits.responseTimeout = .milliseconds(100)
        let (cancellations, continuation) = AsyncStream.makeStream(of: Void.self)
        try await HTTPTestServer.run(limits: limits) { _ in
            try? await Task.sleep(for: .seconds(60))
            if Task.isCancelled { continuation.yield() }
            return .text(.ok, "too late")
        } _: { server in
            let client = try server.client()
            try await client.send(Self.request)
            #expect(try await client.answer()?.status == 503)
            #expect(try await client.isClosed())
            for await _ in cancellations { break }
        }
    }

    @Test("a handler is cancelled when its client goes away")
    func clientGone() async throws {
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let (cancellations, cancellation) = AsyncStream.makeStream(of: Void.self)
        try await HTTPTestServer.run { _ in
            begin.yield()
            try? await Task.sleep(for: .seconds(60))
            if Task.isCancelled { cancellation.yield() }
            return .text(.ok, "nobody listens")
        } _: { server in
            do {
                let client = try server.client()
                try await client.send(Self.request)
                for await _ in begun { break }
                client.resetAtEnd()
            }
            for await _ in cancellations { break }
        }
    }

    @Test("many slow readers of a big page hold segments of it, not pages, and are cut in the end")
    func slowReaders() async throws {
        var limits = Configuration.Web()
        limits.responseTimeout = .seconds(2)
        let readers = 20
        try await HTTPTestServer.run(limits: limits, handler: Self.big) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<readers {
                    group.addTask {
                        let client = try server.client(buffer: 8_192)
                        try await client.send(Self.request)
                        while server.server.traffic.now.cut < readers { try await Task.sleep(for: .milliseconds(20)) }
                    }
                }
                try await group.waitForAll()
            }
            let counts = server.server.traffic.now
            #expect(counts.requests == readers)
            // What was handed over is in the kernel's buffers, or is the one segment that waits.
            #expect(counts.bytes < readers * (4 << 20))
        }
    }

    @Test("a reader that takes its time, but not too long, gets every byte")
    func patientReader() async throws {
        try await HTTPTestServer.run(handler: Self.big) { server in
            let client = try server.client(buffer: 65_536)
            try await client.send(Self.request + Self.request)
            for _ in 0..<2 {
                let answer = try #require(try await client.answer())
                #expect(answer.length == 50 << 20)
                var body = ByteBuffer(bytes: answer.body)
                for piece in Self.pieces { #expect(body.readSlice(length: 1 << 20) == piece) }
                #expect(body.readableBytes == 0)
            }
        }
    }

    @Test("one client too many waits until another has gone")
    func maxConnections() async throws {
        var limits = Configuration.Web()
        limits.maxConnections = 2
        try await HTTPTestServer.run(limits: limits) { server in
            let first = try server.client()
            try await first.send(Self.request)
            #expect(try await first.answer()?.status == 200)
            do {
                let second = try server.client()
                try await second.send(Self.request)
                #expect(try await second.answer()?.status == 200)
                let third = try server.client()
                try await third.send(Self.request)
                try await Task.sleep(for: .milliseconds(100))
                #expect(server.server.traffic.now.accepted == 2)
                second.finishSending()
                #expect(try await third.answer()?.status == 200)
                #expect(server.server.traffic.now.accepted == 3)
            }
            #expect(server.server.traffic.now.open <= 2)
        }
    }

    @Test("a hundred clients at a time are all answered, again and again")
    func hundredClients() async throws {
        try await HTTPTestServer.run { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let client = try server.client()
                        for round in 0..<5 {
                            try await client.send("GET /\(number)/\(round) HTTP/1.1\r\nHost: a\r\n\r\n")
                            #expect(try await client.answer()?.text == "GET /\(number)/\(round)\n")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(server.server.traffic.now.accepted == 100)
            #expect(server.server.traffic.now.requests == 500)
        }
    }

    @Test("clients that leave in the middle of anything cost nothing")
    func rudeClients() async throws {
        try await HTTPTestServer.run(handler: Self.big) { server in
            for part in ["", "GET", "GET /a HTTP/1.1\r\nHost", Self.request, Self.request + "GET"] {
                for isReset in [false, true] {
                    let client = try server.client()
                    try await client.send(part)
                    if isReset { client.resetAtEnd() }
                }
            }
            while server.server.traffic.now.accepted < 10 || server.server.traffic.now.open > 0 {
                try await Task.sleep(for: .milliseconds(5))
            }
            let client = try server.client()
            try await client.send(Self.request)
            #expect(try await client.answer()?.body.count == 50 << 20)
        }
    }
}
