import Testing

@testable import SondeDaemon

/// What a client sends in one go, and what it gets.
struct HTTPExchange: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let sent: String
    /// Status and body, answer by answer.
    let answers: [(status: Int, body: String)]
    /// Whether the connection goes on afterwards.
    let staysOpen: Bool
    /// Headers of every answer; an empty text stands for none.
    let headers: [String: String]

    init(
        _ description: String, _ sent: String, _ answers: [(status: Int, body: String)], staysOpen: Bool,
        headers: [String: String] = [:]
    ) {
        testDescription = description
        self.sent = sent
        self.answers = answers
        self.staysOpen = staysOpen
        self.headers = headers
    }
}

@Suite("HTTP exchanges")
struct HTTPExchangeTests {
    private static let host = "Host: a\r\n"
    private static let tooLong = "the request's head is longer than 16384 bytes"
    private static let nonsense = "400: this is not an HTTP/1.1 request that makes sense"
    private static let noBodies = "413: this server takes no request bodies"

    static let exchanges = [
        HTTPExchange(
            "a request", "GET /a HTTP/1.1\r\n\(host)\r\n", [(200, "GET /a")], staysOpen: true,
            headers: [
                "content-type": "text/plain; charset=utf-8", "content-length": "7", "connection": "", "server": "",
                "transfer-encoding": "",
            ]),
        HTTPExchange(
            "HTTP/1.0 closes", "GET /a HTTP/1.0\r\n\r\n", [(200, "GET /a")], staysOpen: false,
            headers: ["connection": "close", "content-length": "7"]),
        HTTPExchange(
            "HTTP/1.0 with keep-alive", "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", [(200, "GET /a")],
            staysOpen: true, headers: ["connection": "keep-alive"]),
        HTTPExchange(
            "a client that wants to close", "GET /a HTTP/1.1\r\n\(host)Connection: close\r\n\r\n", [(200, "GET /a")],
            staysOpen: false, headers: ["connection": "close"]),
        HTTPExchange(
            "pipelined requests",
            "GET /a HTTP/1.1\r\n\(host)\r\nGET /missing HTTP/1.1\r\n\(host)\r\nGET /c HTTP/1.1\r\n\(host)\r\n",
            [(200, "GET /a"), (404, "404: not found"), (200, "GET /c")], staysOpen: true),
        HTTPExchange(
            "garbage behind a request", "GET /a HTTP/1.1\r\n\(host)\r\n\u{1}\u{2}\u{3}\r\n\r\n",
            [(200, "GET /a"), (400, nonsense)], staysOpen: false),
        HTTPExchange(
            "too many pipelined requests", String(repeating: "GET / HTTP/1.1\r\n\(host)\r\n", count: 100),
            Array(repeating: (200, "GET /"), count: 65) + [(429, "429: too many requests at a time")], staysOpen: false),
        HTTPExchange(
            "an absolute target", "GET http://h:1/a%20b?c=d HTTP/1.1\r\n\(host)\r\n", [(200, "GET /a b")],
            staysOpen: true),
        HTTPExchange(
            "a method that is not allowed", "DELETE / HTTP/1.1\r\n\(host)\r\n", [(405, "405: no")], staysOpen: true,
            headers: ["allow": "GET, HEAD"]),
        HTTPExchange(
            "an offer to upgrade", "GET /a HTTP/1.1\r\n\(host)Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
            [(200, "GET /a")], staysOpen: false, headers: ["connection": "close"]),
        HTTPExchange("an unknown method", "BREW / HTTP/1.1\r\n\(host)\r\n", [(400, nonsense)], staysOpen: false),
        HTTPExchange("no HTTP", "hello\r\n\r\n", [(400, nonsense)], staysOpen: false),
        HTTPExchange("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\r\n\r\n", [(400, nonsense)], staysOpen: false),
        HTTPExchange("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [(400, nonsense)], staysOpen: false),
        HTTPExchange(
            "no Host", "GET / HTTP/1.1\r\n\r\n", [(400, "400: an HTTP/1.1 request needs one Host header")],
            staysOpen: false),
        HTTPExchange(
            "two Hosts", "GET / HTTP/1.1\r\n\(host)\(host)\r\n",
            [(400, "400: an HTTP/1.1 request needs one Host header")], staysOpen: false),
        HTTPExchange(
            "an empty body", "GET /a HTTP/1.1\r\n\(host)Content-Length: 0\r\n\r\n", [(200, "GET /a")], staysOpen: true),
        HTTPExchange(
            "a body", "POST / HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nabc", [(413, noBodies)], staysOpen: false,
            headers: ["connection": "close"]),
        HTTPExchange(
            "a body that is only announced",
            "POST / HTTP/1.1\r\n\(host)Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n", [(413, noBodies)],
            staysOpen: false),
        HTTPExchange(
            "a chunked body",
            "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\n\(host)\r\n",
            [(413, noBodies)], staysOpen: false),
        HTTPExchange(
            "two lengths", "POST / HTTP/1.1\r\n\(host)Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            [(400, nonsense)], staysOpen: false),
        HTTPExchange(
            "a long header", "GET / HTTP/1.1\r\n\(host)X: \(String(repeating: "x", count: 20_000))\r\n\r\n",
            [(431, "431: \(tooLong)")], staysOpen: false),
        HTTPExchange(
            "a header without end", "GET / HTTP/1.1\r\n\(host)X: \(String(repeating: "x", count: 1_000_000))",
            [(431, "431: \(tooLong)")], staysOpen: false),
        HTTPExchange(
            "many headers", "GET / HTTP/1.1\r\n\(host)\(String(repeating: "X: y\r\n", count: 3_000))\r\n",
            [(431, "431: the headers are too long")], staysOpen: false),
        HTTPExchange(
            "a long target", "GET /\(String(repeating: "x", count: 20_000)) HTTP/1.1\r\n\(host)\r\n",
            [(414, "414: \(tooLong)")], staysOpen: false),
    ]

    @Test("an exchange goes as it should", arguments: exchanges)
    func exchange(_ exchange: HTTPExchange) async throws {
        try await HTTPTestServer.run { server in
            let client = try server.client()
            try await client.send(exchange.sent)
            for expected in exchange.answers {
                let answer = try #require(try await client.answer())
                #expect(answer.status == expected.status)
                #expect(answer.text == expected.body + "\n")
                for (name, value) in exchange.headers { #expect(answer.headers[name] ?? "" == value) }
            }
            if exchange.staysOpen {
                try await client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.answer()?.text == "GET /next\n")
            } else {
                #expect(try await client.isClosed())
            }
        }
    }

    @Test("HEAD gets GET's headers and no body")
    func head() async throws {
        try await HTTPTestServer.run { server in
            let client = try server.client()
            try await client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
            let head = try #require(try await client.answer(hasBody: false))
            #expect(head.status == 200)
            #expect(head.length == "HEAD /a\n".utf8.count)
            #expect(try await client.answer()?.text == "GET /b\n")
        }
    }

    @Test("a request may come byte by byte")
    func byteByByte() async throws {
        try await HTTPTestServer.run { server in
            let client = try server.client()
            for character in "GET /a HTTP/1.1\r\nHost: a\r\n\r\n".unicodeScalars {
                try await client.send(String(character))
            }
            #expect(try await client.answer()?.text == "GET /a\n")
        }
    }

    @Test("a client that has said its last word is answered, all its requests")
    func halfClose() async throws {
        try await HTTPTestServer.run { server in
            let client = try server.client()
            try await client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
            client.finishSending()
            #expect(try await client.answer()?.text == "GET /a\n")
            #expect(try await client.answer()?.text == "GET /b\n")
            #expect(try await client.isClosed())
        }
    }
}
