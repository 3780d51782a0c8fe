import NIOHTTP1
import Sonde
import Testing

@testable import SondeDaemon

/// The small languages of flags, files and requests: whatever is written, it is read back, or refused.
@Suite("Random words")
struct TextFuzzTests {
    private static let runs = 100 * Fuzz.thoroughness

    @Test("a duration that can be read is written so that it is read as the same", arguments: Fuzz.seeds)
    func durations(_ seed: UInt64) throws {
        var random = Fuzz(seed: seed)
        let pieces = [
            "1", "9", "0", "366", "9223372036854775807", "d", "h", "m", "s", "ms", "us", "ns", " ", "-", ".", "１",
        ]
        for _ in 0..<Self.runs {
            let text = random.text(of: pieces, upTo: 8)
            if let duration = try? DurationText.parse(text) {
                #expect(try DurationText.parse(DurationText.text(duration)) == duration, "\(text)")
                #expect((.zero...DurationText.longest).contains(duration))
            }
            let exact = Duration.nanoseconds(Int64(random.below(1 << 54)))
            #expect(try DurationText.parse(DurationText.text(exact)) == exact)
        }
    }

    @Test("an address that can be listened on is written so that it is read as the same", arguments: Fuzz.seeds)
    func addresses(_ seed: UInt64) throws {
        var random = Fuzz(seed: seed &+ 100)
        let pieces = [
            ":", "9187", "0", "65536", "[", "]", "::1", "localhost", "unix:", "/", "//", "*", "a.b", "%", "\0", " ",
        ]
        for _ in 0..<Self.runs {
            let text = random.text(of: pieces, upTo: 6)
            guard let address = try? Configuration.ListenAddress.parse(text) else { continue }
            #expect(try Configuration.ListenAddress.parse(address.description) == address, "\(text)")
        }
    }

    @Test("a request's target gives back what was put into it, and nonsense gives something", arguments: Fuzz.seeds)
    func targets(_ seed: UInt64) {
        var random = Fuzz(seed: seed &+ 200)
        let pieces = [
            "/", "?", "&", "=", "%", "%2", "%41", "%zz", "+", "#", "server", "http://", "ä", "\u{301}", "%C3", "%00",
        ]
        for _ in 0..<Self.runs {
            let (name, value) = (random.text(of: pieces, upTo: 5), random.text(of: pieces, upTo: 8))
            let query = "?x&\(HTTPQuery.encoded(name))=\(HTTPQuery.encoded(value))&\(HTTPQuery.encoded(name))=other"
            let request = HTTPRequest(method: .GET, uri: "/metrics" + query)
            #expect(request.path == "/metrics")
            if name != "x" { #expect(request.query[name] == value) }
            let nonsense = random.text(of: pieces, upTo: 12)
            let headers: HTTPHeaders = [
                "Accept-Encoding": random.text(
                    of: ["gzip", "identity", "*", ";", ",", "q", "=", "0.5", " ", "nan"], upTo: 9),
                "X-Prometheus-Scrape-Timeout-Seconds": random.text(
                    of: ["1", "e", ".", "-", "nan", "inf", "999"], upTo: 5),
            ]
            let odd = HTTPRequest(method: .GET, uri: nonsense, headers: headers)
            #expect(
                (odd.scrapeTimeout ?? .seconds(1)) > .zero && (odd.scrapeTimeout ?? .seconds(1)) <= .seconds(86_400))
            #expect(odd.path.utf8.count <= 3 * nonsense.utf8.count + 1)
            _ = odd.acceptsGzip
        }
    }

    @Test("connection strings in one variable come apart as they were put together", arguments: Fuzz.seeds)
    func dataSourceNames(_ seed: UInt64) {
        var random = Fuzz(seed: seed &+ 300)
        for _ in 0..<Self.runs {
            let names = (0..<1 + random.below(4)).map { _ in
                random.pick([
                    "postgresql://u:p%2Cw@h1:1,h2:2/d?sslmode=disable", "host=a,b port=1,2 user=u",
                    #"password='it\'s, host=x' host=h"#, "postgres://h", "dbname=d",
                ])
            }
            #expect(DataSourceName.split(names.joined(separator: random.pick([",", ", ", " ,"]))) == names)
            let pieces = [",", "host=", "'", "\\", "postgres://", " ", "=", "user", "x"]
            let parts = DataSourceName.split(random.text(of: pieces, upTo: 20))
            #expect(parts.allSatisfy { !$0.isEmpty })
        }
    }

    @Test(
        "of any connection string all that is not the driver's goes to libpq as it was written", arguments: Fuzz.seeds)
    func driverParameters(_ seed: UInt64) throws {
        var random = Fuzz(seed: seed &+ 350)
        let pieces = [
            "host=", "'", "\\", "postgres://", " ", "=", "&", "?", "@", "/", "%2", "x", "dbname=", "\u{0}", "é", "#",
        ]
        for _ in 0..<Self.runs {
            let text = random.text(of: pieces, upTo: 20)
            let read = try DriverParameters.read(text) { ["rest": $0] }
            let words = { (text: String) in text.unicodeScalars.filter { !$0.properties.isWhitespace }.map(\.value) }
            #expect(words(read.keywords["rest"] ?? "") == words(text) && read.ignored.isEmpty)
            let more = try DriverParameters.read(
                text.hasPrefix("postgres://") ? "postgres://h?geqo=on" : "geqo=on \(text)", by: { ["rest": $0] })
            #expect(more.keywords["options"] ?? "-c geqo=on" == "-c geqo=on")
            _ = ServerName.fingerprint(of: text)
        }
    }

    @Test("a pattern matches what it was made of, and takes no time that grows by its stars", arguments: Fuzz.seeds)
    func patterns(_ seed: UInt64) {
        var random = Fuzz(seed: seed &+ 400)
        for _ in 0..<Self.runs {
            let parts = (0..<random.below(8)).map { _ in
                random.text(of: ["a", "b", "ab", "é", "\u{301}"], upTo: 4).filter { !"*?".contains($0) }
            }
            let text = parts.joined()
            #expect(Pattern.matches(text, parts.joined(separator: "*")))
            #expect(Pattern.matches(text, String(repeating: "?", count: text.unicodeScalars.count)))
            #expect(!Pattern.matches(text, text + "?"))
            let hard = String(repeating: "a*", count: 30) + "b"
            #expect(!Pattern.matches(String(repeating: "a", count: 200), hard))
        }
    }

    @Test("a page that any program could write is read to the last value", arguments: Fuzz.seeds)
    func pages(_ seed: UInt64) throws {
        var random = Fuzz(seed: seed &+ 500)
        for _ in 0..<Self.runs / 10 {
            var text = ""
            var expected: [String: [ScrapedPage.Sample]] = [:]
            for family in 0..<random.below(6) {
                let name = random.pick(["a", "pg_up", "go_gc:x", "_z"]) + "\(family)"
                let type = random.pick(["gauge", "counter", "untyped"])
                text += "# HELP \(name) \(plain(random.text(of: ["Help", "\\\\", "\\n", " ", "ä"], upTo: 5)))\n"
                text += "# TYPE \(name) \(type)\n"
                for _ in 0..<random.below(5) {
                    let sample = sample(name, &random)
                    expected[name, default: []].append(sample.0)
                    text += sample.1 + random.pick(["\n", " 1700000000000\n", "\n\n", "\n# comment\n"])
                }
            }
            let page = try ScrapedPage(text)
            #expect(page.families.mapValues(\.samples) == expected)
            var bytes = Array(text.utf8)
            for _ in 0..<1 + random.below(5) {
                random.damage(
                    &bytes,
                    with: ["{", "}", "\"", "\\", "=", ",", " ", "#", "\n", "nan", "0x", "\u{0}"].map { Array($0.utf8) })
            }
            // Whatever became of it, an answer comes: a page, or the line that is wrong.
            do {
                _ = try ScrapedPage(String(decoding: bytes, as: UTF8.self))
            } catch {
                #expect(error.description.hasPrefix("line "))
            }
        }
    }

    private func sample(_ name: String, _ random: inout Fuzz) -> (ScrapedPage.Sample, String) {
        var labels: [String: String] = [:]
        for label in ["a", "b_2", "_c"].prefix(random.below(4)) {
            let pieces = ["x", "\\\\", "\\\"", "\\n", "{", "}", ",", "=", " ", "#", "é"]
            labels[label] = (0..<random.below(7)).map { _ in
                random.below(4) == 0 ? plain(random.scalar()) : random.pick(pieces)
            }.joined()
        }
        let (text, value): (String, Double) = random.pick([
            ("0", 0), ("-1.5e-07", -1.5e-07), ("+Inf", .infinity), ("-Inf", -.infinity),
            ("18446744073709551616", 0x1p64),
        ])
        let list = labels.sorted { $0.key < $1.key }.map { "\($0)=\"\($1)\"" }.joined(separator: ",")
        let line =
            name + (labels.isEmpty ? random.pick(["", "{}"]) : "{\(list)\(random.pick(["", ","]))}") + " \(text)"
        return (ScrapedPage.Sample(name: name, labels: labels, value: value), line)
    }

    /// Text without what ends a line, a value or an escape.
    private func plain(_ text: String) -> String {
        var view = text.unicodeScalars
        view.removeAll { ["\n", "\"", "\\"].contains($0) }
        return String(view)
    }
}
