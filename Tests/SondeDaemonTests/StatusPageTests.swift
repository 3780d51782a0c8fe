import Logging
import NIOCore
import NIOHTTP1
import Sonde
import SondeCollectors
import SondePostgres
import Testing

@testable import SondeDaemon

@Suite("Status page")
struct StatusPageTests {
    private static let hostile = #"<script>alert("1")</script>' onload='x' &amp; \#u{202E}\#u{1B}[0m"#

    /// An engine that has never polled, for servers that nobody could reach.
    private static func engine(_ names: [String], _ change: (inout Configuration) -> Void = { _ in }) throws -> Engine {
        var configuration = Configuration()
        configuration.servers = names.map { Configuration.Server(name: $0) }
        change(&configuration)
        return Engine(
            Setup(
                configuration: configuration, registry: try Registry(Builtin.collectors.map { Registry.Entry($0) }),
                second: SecondSet(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, problems: [],
                files: []))
    }

    private static func text(_ engine: Engine, _ uri: String) async -> (response: HTTPResponse, text: String) {
        let response = await engine.routes.answer(HTTPRequest(method: .GET, uri: uri)) { .refused([]) }
        return (response, response.body.map { String(buffer: $0) }.joined())
    }

    @Test(
        "text from databases is harmless in HTML",
        arguments: [
            ("a b", "a b"), ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("\" onclick='x'", "&quot; onclick=&#39;x&#39;"), ("a & b", "a &amp; b"), ("\u{1}\u{1B}[0m", "  [0m"),
            ("\u{85}a\u{9B}", " a "), ("\u{202E}\u{2066}", "\u{FFFD}\u{FFFD}"), ("\u{FFFE}", "\u{FFFD}"), ("é😀", "é😀"),
        ])
    func escaping(text: String, html: String) {
        let page: HTML = "<p title=\"\(text)\">\(text)</p>"
        #expect(page.markup == "<p title=\"\(html)\">\(html)</p>")
    }

    @Test("what servers say and are called is text on the page, and nothing else", arguments: [1, 3, 9])
    func hostile(servers: Int) async throws {
        let names = [Self.hostile] + (1..<servers).map { "s\($0)" }
        let engine = try Self.engine(names)
        let watch = engine.page.status.watches[0]
        _ = watch.noteSilence(PostgresError(.auth, message: Self.hostile), since: .now)
        var report = Watch.Report(failure: PostgresError(.other, message: Self.hostile))
        report.duration = .milliseconds(3)
        _ = watch.note(report, of: 0, skipped: 0, time: 1)
        _ = watch.note(report, of: 0, skipped: 0, time: 1)
        let path = "/status?server=\(HTTPQuery.encoded(Self.hostile))"
        for uri in ["/", "/status", path] {
            let (response, text) = await Self.text(engine, uri)
            #expect(response.status == .ok)
            #expect(!text.contains("<script"), "\(uri)")
            #expect(!text.contains("alert(\"1"), "\(uri)")
            #expect(text.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"), "\(uri)")
            #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" }, "\(uri)")
            #expect(text.contains("down: auth") && (servers > 4 && uri != path) != text.contains("<polyline"), "\(uri)")
        }
    }

    @Test("a page allows its own style and nothing else, by a word that is new each time")
    func policy() async throws {
        let engine = try Self.engine(["a"])
        var nonces: Set<Substring> = []
        for _ in 0..<3 {
            let (response, text) = await Self.text(engine, "/")
            let policy = try #require(response.headers.first(name: "content-security-policy"))
            let nonce = try #require(policy.firstMatch(of: /style-src 'nonce-([0-9a-f]{16,})';/)).1
            #expect(policy.hasPrefix("default-src 'none';") && !policy.contains("unsafe") && !policy.contains("script"))
            #expect(text.contains("<style nonce=\"\(nonce)\">"))
            #expect(text.firstMatch(of: /\s(src|style|on[a-z]+|action|data)=/) == nil)
            nonces.insert(nonce)
        }
        #expect(nonces.count == 3)
    }

    @Test("the status as JSON says of each server and collector what the page says")
    func json() async throws {
        let engine = try Self.engine(["one", Self.hostile])
        engine.page.status.watches[0].noteReply()
        _ = engine.page.status.watches[0].note(Watch.Report(), of: 0, skipped: 4, time: 7)
        let (response, text) = await Self.text(engine, "/status.json")
        #expect(response.contentType == "application/json")
        let name = engine.page.status.registry.entries[0].collector.name
        for part in [
            "\"name\": \"one\"", "\"up\": true", "\"up\": false", "\"skipped_runs\": 4", "\"name\": \"\(name)\"",
            #""name": "<script>alert(\"1\")</script>"#,
        ] { #expect(text.contains(part), "\(part)") }
        // Where the machine is busy with other tests, two intervals may have passed.
        engine.page.status.watches[0].noteReply()
        let one = await Self.text(engine, "/status.json?server=one").text
        #expect(one.contains("\"one\"") && !one.contains("\"up\": false"))
    }

    @Test("a server that does not exist is said not to, and what is no GET is refused")
    func refusals() async throws {
        let engine = try Self.engine(["a"])
        for path in ["/", "/status", "/status.json", "/metrics"] {
            #expect(await Self.text(engine, "\(path)?server=b").response.status == .notFound)
            #expect(
                await engine.routes.answer(HTTPRequest(method: .POST, uri: path), reload: { .refused([]) }).status
                    == .methodNotAllowed)
        }
    }

    @Test("what keeps passing its time limit is shown first, and as what it is")
    func breaker() async throws {
        let engine = try Self.engine(["a"])
        engine.page.status.watches[0].noteReply()
        var report = Watch.Report(failure: PostgresError(.timeout, message: "too long"))
        report.state = .breakerOpen
        _ = engine.page.status.watches[0].note(report, of: 7, skipped: 0, time: 1)
        _ = engine.page.status.watches[0].note(Watch.Report(), of: 3, skipped: 0, time: 1)
        let names = engine.page.status.registry.entries.map(\.collector.name)
        let page = await Self.text(engine, "/").text
        let place = try #require(page.firstRange(of: ">\(names[7])</td><td class=\"bad\">breaker_open</td>"))
        #expect(place.lowerBound < (try #require(page.firstRange(of: ">\(names[3])</td>"))).lowerBound)
        #expect(page.contains("<title>pgsonde: 1 collector failing</title>") && page.contains("too long"))
        #expect(await Self.text(engine, "/status.json").text.contains("\"state\": \"breaker_open\""))
    }

    @Test("a reading that was refused stands above all servers, one that went well below them")
    func reading() async throws {
        let engine = try Self.engine(["a"])
        for (problems, isAbove) in [(["f:1:2: <b>"], true), ([], false)] {
            engine.reading.note(problems: problems, files: nil, isInForce: problems.isEmpty)
            let page = await Self.text(engine, "/").text
            let servers = try #require(page.firstRange(of: "<section><h2>a "))
            #expect(
                (page.firstRange(of: "the one before it is in force").map { $0.lowerBound < servers.lowerBound }
                    ?? false) == isAbove)
            #expect(page.contains("<li>f:1:2: &lt;b&gt;</li>") == isAbove)
        }
    }

    @Test("who may not read the metrics may not read the status either", arguments: ["/", "/status", "/status.json"])
    func guarded(path: String) async throws {
        let engine = try Self.engine(["a"])
        let security = WebGuard(
            WebConfiguration(users: [Array("alice".utf8): try PasswordHash(PasswordHashSamples.password)]))
        for (credentials, status) in [("", HTTPResponseStatus.unauthorized), ("YWxpY2U6cMOkc3N3b3Jk", .ok)] {
            let headers: HTTPHeaders = credentials.isEmpty ? [:] : ["Authorization": "Basic \(credentials)"]
            let response = await security.answer(HTTPRequest(method: .GET, uri: path, headers: headers)) {
                await engine.routes.answer($0) { .refused([]) }
            }
            #expect(response.status == status)
            let text = response.body.map { String(buffer: $0) }.joined()
            #expect(text.contains("collectors") == (status == .ok), "\(path)")
        }
    }

    @Test("no secret of the configuration is on the page or in the JSON")
    func secrets() async throws {
        let engine = try Self.engine(["a", "b"]) { configuration in
            for keyword in ConnectionKeywords.secret { configuration.servers[0].keywords[keyword] = "hunter2" }
            configuration.servers[0].keywords["user"] = "somebody"
            configuration.servers[1].passwordCommand = ["vault", "--token=hunter2", "hunter2"]
        }
        for path in ["/", "/status.json", "/metrics"] {
            let text = await Self.text(engine, path).text
            #expect(!text.contains("hunter2"), "\(path)")
            #expect((text.contains("somebody") && text.contains("vault")) == (path != "/metrics"), "\(path)")
        }
    }
}

@Suite("Numbers for people")
struct LegibleTests {
    @Test(
        "times are short",
        arguments: [
            (0.00006, "60 µs"), (0.0014, "1.4 ms"), (0.035, "35 ms"), (1.24, "1.2 s"), (35.9, "35 s"), (300, "5 min"),
            (3 * 3_600, "3 h"), (86_400 * 12.5, "12 d"), (-5, "0 µs"), (.nan, "0 d"),
            (.infinity, "10000000000000000 d"),
        ] as [(Double, String)])
    func times(seconds: Double, text: String) {
        #expect(Legible.time(seconds) == text)
    }

    @Test(
        "bytes are counted as PostgreSQL counts them",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1_024, "1.0 kB"), (20 * 1_024, "20 kB"), (3 * 1_048_576, "3.0 MB"),
            (1e300, "10000000000000000 PB"), (-1, "0 B"),
        ] as [(Double, String)])
    func bytes(bytes: Double, text: String) {
        #expect(Legible.bytes(bytes) == text)
    }

    @Test("digits come in threes, and moments in UTC")
    func others() {
        #expect(
            [0, 12, 123, 1_234, -1_234_567].map(Legible.count) == [
                "0", "12", "123", "1\u{202F}234", "-1\u{202F}234\u{202F}567",
            ])
        #expect(Legible.moment(0) == "1970-01-01 00:00:00 UTC")
        #expect(Legible.moment(1_795_589_805.4) == "2026-11-25 06:56:45 UTC")
        #expect(Legible.moment(.infinity) == "?")
    }
}

@Suite("Sparklines")
struct SparklineTests {
    @Test("the last runs are remembered, the oldest first, and no more than there is room for")
    func history() {
        var history = DurationHistory()
        #expect(history.seconds.isEmpty)
        for number in 1...100 { history.add(.seconds(number)) }
        #expect(history.seconds == (69...100).map(Double.init))
    }

    @Test("a picture begins at nothing, and one run is no picture")
    func picture() {
        #expect(Sparkline(seconds: []).html.markup.isEmpty)
        #expect(Sparkline(seconds: [1]).html.markup.isEmpty)
        #expect(Sparkline(seconds: [0, 1, 2]).html.markup.contains("points=\"0.0,15.0 32.0,8.0 64.0,1.0\""))
        #expect(Sparkline(seconds: [0, 0]).html.markup.contains("points=\"0.0,15.0 64.0,15.0\""))
    }
}
