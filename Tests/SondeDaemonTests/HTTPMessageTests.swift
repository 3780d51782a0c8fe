import NIOCore
import NIOHTTP1
import Testing

@testable import SondeDaemon

@Suite("HTTP messages")
struct HTTPMessageTests {
    @Test(
        "gzip is sent only to those who want it",
        arguments: [
            ([], false), ([""], false), (["gzip"], true), (["GZIP"], true), (["x-gzip"], true),
            (["deflate, br"], false),
            (["gzip, deflate, br"], true), (["deflate", "gzip"], true), (["gzip;q=0"], false),
            (["gzip; q=0.000"], false),
            (["gzip;q=0.001"], true), (["gzip ; q = 0.5"], true), (["gzip;Q=0.5"], true), (["gzip;q=1.1"], false),
            (["gzip;q=nan"], false), (["gzip;q=-1"], false), (["gzip;q="], false), (["gzip;q"], false), (["*"], true),
            (["*;q=0"], false), (["gzip;q=0, *"], false), (["*;q=0, gzip"], true), (["identity"], false),
            (["identity, gzip;q=0.5"], false), (["gzip, identity;q=0.5"], true), (["gzip;q=0.5, identity;q=0.5"], true),
            (["gzipped"], false), ([",,gzip,,"], true), (["gzip;level=9"], true), (["gzip;q=0, gzip"], false),
        ])
    func acceptEncoding(_ values: [String], _ isWelcome: Bool) {
        let headers = HTTPHeaders(values.map { ("Accept-Encoding", $0) })
        #expect(HTTPRequest(method: .GET, uri: "/", headers: headers).acceptsGzip == isWelcome)
    }

    @Test(
        "a target has a path and parameters",
        arguments: [
            ("/metrics", "/metrics", []),
            ("/metrics?", "/metrics", []),
            ("/a?server=x", "/a", ["server=x"]),
            ("/a?b=c%20d+e&&f&g==h&b=2", "/a", ["b=c d e", "f=", "g==h", "b=2"]),
            ("/%6Detrics+%2", "/metrics+%2", []),
            ("/%zz%", "/%zz%", []),
            ("/%FF", "/\u{FFFD}", []),
            ("http://host:1/a?b", "/a", ["b="]),
            ("http://host", "/", []),
            ("/a?u=http://x", "/a", ["u=http://x"]),
            ("*", "*", []),
            ("", "", []),
        ])
    func target(_ uri: String, _ path: String, _ parameters: [String]) {
        let request = HTTPRequest(method: .GET, uri: uri)
        #expect(request.path == path)
        #expect(request.query.parameters.map { "\($0.name)=\($0.value)" } == parameters)
        for parameter in request.query.parameters {
            let first = request.query.parameters.first { $0.name == parameter.name }
            #expect(request.query[parameter.name] == first?.value)
        }
    }

    @Test(
        "Prometheus' timeout is read, and nonsense is not",
        arguments: [
            ("10", .seconds(10)), ("9.5", .milliseconds(9_500)), ("0", nil), ("-1", nil), ("nan", nil), ("inf", nil),
            ("1e300", nil), ("", nil), ("ten", nil),
        ] as [(String, Duration?)])
    func scrapeTimeout(_ text: String, _ expected: Duration?) {
        let headers: HTTPHeaders = ["X-Prometheus-Scrape-Timeout-Seconds": text]
        #expect(HTTPRequest(method: .GET, uri: "/", headers: headers).scrapeTimeout == expected)
    }

    @Test(
        "a date is written as HTTP wants it",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_709_210_096, "Thu, 29 Feb 2024 12:34:56 GMT"), (4_102_444_800, "Fri, 01 Jan 2100 00:00:00 GMT"),
        ])
    func date(_ seconds: Int, _ text: String) {
        #expect(HTTPDate.text(of: seconds) == text)
    }

    @Test("a header that would break the head is left out")
    func injection() {
        let response = HTTPResponse.text(
            .ok, "ä", headers: ["Vary": "a", "X": "b\r\nSet-Cookie: c", "Y\n": "d", "Z": "\u{7F}"])
        let head = String(buffer: response.head(date: "now", connection: nil))
        #expect(
            head
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\nDate: now\r\nVary: a\r\n\r\n"
        )
    }
}
