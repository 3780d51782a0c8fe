import Foundation
import Sonde
import Testing

@testable import SondeDaemon

/// Files of ours, damaged byte by byte: whatever comes out, it comes out.
@Suite("Damaged YAML")
struct YAMLFuzzTests {
    private static let seeds = [
        DefinitionRoundTripTests.fullText,
        """
        servers:
          - name: main
            dsn: "host=db1 user=sonde"
            libpq: {connect_timeout: 5, sslrootcert: /etc/ca.pem}
            databases: {include: [app, "tenant_*"], exclude: x}
          - {host: ::1, port: 5433, password_command: [pass, show, db], connections: 3}
        collectors: {locks: false, tables: {every: 2m, timeout: 10s, expire: 10m}}
        web:
          listen: [":9187", "[::1]:9188", "unix:/run/pgsonde/web.sock"]
          header_timeout: 1m30s
        log: {level: debug, format: json}
        """,
        "--- |\n  text\n--- >-\n folded\n text\n...\n? - complex\n: &a !!str \"\\x41\\u263A\\\n  b\"\n? *a\n: {a: 'it''s', \"b\": [~, , ]}\n",
    ].map { Array($0.utf8) }
    private static let tokens = [
        "\n", "\n  ", "\t", "- ", ": ", "? ", "#", "[", "]", "{", "}", ",", "\"", "'", "|", ">", "&a ", "*a ", "!!str ",
        "---\n", "...\n",
        "%", "\u{85}", "\u{2028}", "\u{FEFF}", "\\", "\\x4", "\0", "<<: ", "=", "@", "`", "99999999999999999999", "1ns",
        "null", "ä",
    ].map { Array($0.utf8) }

    /// How many times as much as in a usual run, which must end in seconds: `PGSONDE_FUZZ=10`.
    private static let thoroughness = ProcessInfo.processInfo.environment["PGSONDE_FUZZ"].flatMap { UInt64($0) } ?? 1

    @Test("damaged files neither crash nor hang", arguments: 0..<20 * thoroughness)
    func damaged(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        var readable = 0
        for _ in 0..<100 {
            var bytes = Self.seeds[random.below(Self.seeds.count)]
            for _ in 0...random.below(6) { damage(&bytes, &random) }
            var all = told { _ = try YAMLParser.documents(in: bytes, file: "f") }
            if all.isEmpty {
                readable += 1
                all += told { _ = try DefinitionDecoder.definitions(in: bytes, file: "f") }
                all += told { _ = try ConfigurationFile(bytes, path: "f", parse: plainKeywords) }
            }
            let isWhole = { (line: String) in line.hasPrefix("f:") && !line.contains("\n") && !line.contains("\0") }
            guard all.allSatisfy(isWhole) else {
                Issue.record("\(bytes): \(all)")
                return
            }
        }
        // Damage that lets nothing through would test the scanner only.
        #expect(readable > 5)
    }

    @Test("noise neither crashes nor hangs", arguments: 0..<4 * thoroughness)
    func noise(_ seed: UInt64) {
        var random = SplitMix(state: seed &+ 99)
        for _ in 0..<100 {
            var bytes: [UInt8] = []
            for _ in 0..<random.below(200) {
                bytes +=
                    random.below(2) == 0 ? [UInt8(random.below(256))] : Self.tokens[random.below(Self.tokens.count)]
            }
            _ = told { _ = try YAMLParser.documents(in: bytes, file: "f") }
        }
    }

    private func damage(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        let place = random.below(bytes.count + 1)
        switch random.below(6) {
        case 0 where place < bytes.count: bytes[place] = UInt8(random.below(256))
        case 1 where place < bytes.count: bytes.remove(at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + random.below(20)))
        case 3:
            let copy = Array(bytes[place..<min(bytes.count, place + random.below(40))])
            bytes.insert(contentsOf: copy, at: random.below(bytes.count + 1))
        case 4: bytes = Array(bytes[..<max(place, 1)])
        default: bytes.insert(contentsOf: Self.tokens[random.below(Self.tokens.count)], at: place)
        }
        if bytes.isEmpty { bytes = [0x0A] }
    }
}

/// A generator whose numbers are the same in every run.
private struct SplitMix {
    var state: UInt64

    mutating func below(_ count: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(count))
    }
}
