import Testing

@testable import SondeDaemon

/// Requests that are damaged, and cut at any place: the server answers the same, and then others.
@Suite("Damaged requests")
struct HTTPFuzzTests {
    private static let seeds = HTTPExchangeTests.exchanges.map(\.sent).filter { $0.utf8.count < 2_000 }.map {
        Array($0.utf8)
    }
    private static let tokens = [
        "\r\n", "\r\n\r\n", "\n", "\r", " ", "\t", ":", "Host: b\r\n", "Content-Length: 0\r\n", "Content-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "HTTP/1.0", "HTTP/1.1", "HTTP/9.9", "GET ", "HEAD ",
        "CONNECT ",
        "OPTIONS * ", "http://h", "?", "%", "%00", "\0", "\u{1}", "é", "Upgrade: h2c\r\n", "Expect: 100-continue\r\n",
    ].map { Array($0.utf8) }

    @Test("however its bytes come, a request has the same answer", arguments: Fuzz.seeds)
    func cut(_ seed: UInt64) async throws {
        var random = Fuzz(seed: seed &+ 600)
        try await HTTPTestServer.run { server in
            for _ in 0..<20 * Fuzz.thoroughness {
                var bytes: [UInt8] = []
                for _ in 0...random.below(2) { bytes += random.pick(Self.seeds) }
                for _ in 0..<random.below(6) { random.damage(&bytes, with: Self.tokens) }
                let cuts = (0..<1 + random.below(4)).map { _ in random.below(bytes.count + 1) }.sorted()
                let whole = try await answers(to: [bytes], from: server)
                let places = [0] + cuts + [bytes.count]
                let pieces = zip(places, places.dropFirst()).map { Array(bytes[$0..<$1]) }.filter { !$0.isEmpty }
                let cut = try await answers(to: pieces, from: server)
                guard whole == cut, whole.allSatisfy({ [200, 400, 404, 405, 413, 431, 505].contains($0.status) }) else {
                    Issue.record(
                        "\(String(decoding: bytes, as: UTF8.self).debugDescription), cut at \(cuts): \(whole), \(cut)")
                    return
                }
            }
            let client = try server.client()
            try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.answer()?.text == "GET /a\n")
        }
    }

    private struct Answer: Equatable {
        let status: Int
        let body: String
    }

    /// What comes back until the server closes.
    private func answers(to pieces: [[UInt8]], from server: HTTPTestServer) async throws -> [Answer] {
        let client = try server.client()
        for (index, piece) in pieces.enumerated() {
            if index > 0 { try await Task.sleep(for: .microseconds(300)) }
            guard try await client.send(piece) else { break }
        }
        client.finishSending()
        let text = String(decoding: try await client.receive(1 << 20), as: UTF8.self)
        // Lengths are not enough: a request by HEAD is answered without a body.
        let starts = text.matches(of: /HTTP\/1\.1 ([0-9]{3}) [A-Za-z ]+\r\n/)
        let ends = starts.dropFirst().map(\.range.lowerBound) + [text.endIndex]
        return zip(starts, ends).map { start, end in
            let rest = text[start.range.upperBound..<end]
            let body = rest.firstRange(of: "\r\n\r\n").map { rest[$0.upperBound...] } ?? "cut off"
            return Answer(status: Int(start.1) ?? 0, body: String(body))
        }
    }
}
