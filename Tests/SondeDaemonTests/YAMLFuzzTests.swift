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

    @Test("damaged files neither crash nor hang", arguments: 0..<20)
    func damaged(_ seed: UInt64) {
        var random = Fuzz(seed: seed)
        var readable = 0
        for _ in 0..<100 * Fuzz.thoroughness {
            var bytes = Self.seeds[random.below(Self.seeds.count)]
            for _ in 0...random.below(5) { random.damage(&bytes, with: Self.tokens) }
            var all = told { _ = try YAMLParser.documents(in: bytes, file: "f") }
            if all.isEmpty {
                readable += 1
                all += told { try use(DefinitionDecoder.definitions(in: bytes, file: "f").map(\.definition)) }
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

    @Test("noise neither crashes nor hangs", arguments: 0..<4)
    func noise(_ seed: UInt64) {
        var random = Fuzz(seed: seed &+ 99)
        for _ in 0..<100 * Fuzz.thoroughness {
            var bytes: [UInt8] = []
            for _ in 0..<random.below(200) {
                bytes +=
                    random.below(2) == 0 ? [UInt8(random.below(256))] : Self.tokens[random.below(Self.tokens.count)]
            }
            _ = told { _ = try YAMLParser.documents(in: bytes, file: "f") }
        }
    }

    /// Does with definitions what the daemon would do: whatever has been read can be planned, and be written and read again.
    private func use(_ definitions: [Definition]) throws {
        for definition in definitions {
            let again = try DefinitionDecoder.definitions(in: Array(DefinitionEncoder.text(definition).utf8), file: "f")
            #expect(again.map(\.definition) == [definition])
            guard (try? Registry([Registry.Entry(definition)])) != nil else { continue }
            for major in [13, 18] {
                let facts = Facts(version: Version(major)).fulfilling(definition)
                #expect(definition.plan(for: facts, without: []).steps.allSatisfy { !$0.sql.utf8.contains(0) })
            }
        }
    }
}
