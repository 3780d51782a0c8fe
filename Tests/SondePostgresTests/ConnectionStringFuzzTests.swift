import Foundation
import SondePostgres
import Testing

/// Connection strings of any password, and broken ones: read exactly, or refused without a part of them.
struct ConnectionStringFuzzTests {
    private static let runs = 100 * (ProcessInfo.processInfo.environment["PGSONDE_FUZZ"].flatMap { Int($0) } ?? 1)

    @Test("any password is read exactly, in pairs and in a URI", arguments: 0..<8 as Range<UInt64>)
    func passwords(seed: UInt64) throws {
        var random = Generator(state: seed)
        for _ in 0..<Self.runs {
            let password = "x" + random.text()
            let quoted = password.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
            let pairs = try ConnectionString.parse("host = h  user=u password='\(quoted)'\tdbname='' port=5432")
            let wanted = ["host": "h", "user": "u", "password": password, "dbname": "", "port": "5432"]
            #expect(pairs == wanted || pairs == wanted.filter { !$0.value.isEmpty })
            let encoded = password.utf8.map {
                "%" + (String($0, radix: 16).count < 2 ? "0" : "") + String($0, radix: 16)
            }
            let uri = try ConnectionString.parse("postgresql://u:\(encoded.joined())@h:5432/d")
            #expect(uri["password"] == password && uri["host"] == "h" && uri["user"] == "u")
        }
    }

    @Test("a broken string is refused, or read, and its password is never shown", arguments: 0..<8 as Range<UInt64>)
    func broken(seed: UInt64) {
        var random = Generator(state: seed &+ 50)
        let secret = "S3CR3TW0RD"
        let seeds = [
            "postgresql://u:\(secret)@h:5432/d?sslmode=require", "host=h password='\(secret)' port=1",
            "password=\(secret)",
        ]
        for _ in 0..<Self.runs {
            var text = Array(seeds[random.below(seeds.count)].unicodeScalars)
            for _ in 0...random.below(4) {
                let place = random.below(text.count + 1)
                switch random.below(3) {
                case 0 where place < text.count: text.remove(at: place)
                case 1 where place < text.count: text[place] = random.scalar()
                default: text.insert(random.scalar(), at: place)
                }
            }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: text)
            do {
                _ = try ConnectionString.parse(String(view))
            } catch {
                #expect(!"\(error)".contains("S3C") && !"\(error)".contains("W0RD"), "\(error)")
            }
        }
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state ^ (state >> 29)) &* 0x9E37_79B9_7F4A_7C15
        }

        mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

        mutating func scalar() -> Unicode.Scalar {
            let hard: [Unicode.Scalar] = [
                "'", "\\", " ", "=", "@", ":", "/", "?", "%", "&", "[", "]", ",", "\n", "ä", "🔑", "\"", "x",
            ]
            return hard[below(hard.count)]
        }

        mutating func text() -> String {
            var view = String.UnicodeScalarView()
            for _ in 0..<below(20) { view.append(scalar()) }
            return String(view)
        }
    }
}
