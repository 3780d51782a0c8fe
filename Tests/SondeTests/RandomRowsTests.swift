import Sonde
import Testing

@Suite("Random rows")
struct RandomRowsTests {
    private static let types: [UInt32] = [16, 20, 25, 701, 1_082, 1_114, 1_184, 1_186, 1_700, 3_220]

    @Test("labels and values are read back exactly as they were written", arguments: 0..<200)
    func readBack(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<SeededGenerator.thoroughness { try readBackOnce(&random) }
    }

    private func readBackOnce(_ random: inout SeededGenerator) throws {
        let names = ["a", "B_2", "_c"].prefix(random.below(4))
        let (unit, power) = random.pick([
            (Unit.count, "e0"), (.milliseconds, "e-3"), (.microseconds, "e-6"), (.percent, "e-2"),
        ])
        let definition = Definition(
            "x", help: "A collector.", from: "t",
            columns: names.map { .label($0, "l") } + [.gauge("v", "v", in: unit, help: "A value.")])
        let columns = names.map { Rows.Column($0) } + [Rows.Column("v", type: 1_700)]
        var rows: [[String?]] = []
        var expected: [[String]: Double] = [:]
        for _ in 0..<random.below(30) {
            let labels = names.map { _ in random.text(upTo: 12) }
            let number = Self.number(&random)
            rows.append(labels + [number])
            if expected[labels] == nil { expected[labels] = Double(number + power) }
        }
        let rendering = try Rendering(definition, columns, texts: rows)
        let samples = try ExpositionParser.samples(in: rendering["pg_x_v"].utf8)
        #expect(samples.count == expected.count)
        #expect(rendering.counts.duplicates == rows.count - expected.count)
        for sample in samples {
            #expect(sample.labels.map(\.name) == Array(names))
            let value = try #require(expected[sample.labels.map(\.value)])
            // The double nearest to the exact quotient: nothing was rounded on the way.
            #expect(sample.value == value, "\(sample.text)")
        }
    }

    @Test("whatever bytes come, the text is valid", arguments: 0..<50)
    func fuzz(seed: Int) throws {
        var random = SeededGenerator(seed: 1_000 + UInt64(seed))
        for _ in 0..<25 * SeededGenerator.thoroughness { try fuzzOnce(&random) }
    }

    /// Twenty rows of three cells that matter.
    private func fuzzOnce(_ random: inout SeededGenerator) throws {
        let definition = Definition(
            "x", help: "A collector.", from: "t",
            columns: [
                .label("l", "l"), .info("i", "i"), .gauge("v", "v", in: random.pick(Unit.allCases), help: "A value."),
                .counter("w", "w", in: random.pick(Unit.allCases), help: "A value."),
            ])
        let columns = [
            Rows.Column("l"), Rows.Column("i"), Rows.Column("v", type: random.pick(Self.types)),
            Rows.Column("w", type: random.pick(Self.types)),
        ]
        let rows = (0..<20).map { _ in
            [random.bytes(upTo: 20), random.bytes(upTo: 20), Self.cell(&random), Self.cell(&random)] as [[UInt8]?]
        }
        let rendering = try Rendering(definition, columns, rows, fixed: [("server", random.text(upTo: 5))])
        var page: [UInt8] = []
        for metric in definition.metrics { page += metric.header + Array(rendering[metric.name].utf8) }
        let families = try ExpositionParser.families(in: page)
        #expect(families.reduce(0) { $0 + $1.samples.count } == rendering.counts.series)
        #expect(rendering.counts.series + rendering.counts.unreadable + 3 * rendering.counts.duplicates == 60)
        for sample in families.flatMap(\.samples) { #expect(sample.labels.allSatisfy { !$0.value.utf8.contains(0) }) }
    }

    /// A decimal.
    private static func number(_ random: inout SeededGenerator) -> String {
        var digits = String(Int64.random(in: 0...999_999_999_999, using: &random) >> Int64(random.below(40)))
        if random.below(2) == 0 {
            digits += "."
            for _ in 0...random.below(3) { digits += String(random.below(10)) }
        }
        return random.below(3) == 0 ? "-" + digits : digits
    }

    /// Bytes that are a number, nearly one, or none at all.
    private static func cell(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8]
        switch random.below(4) {
        case 0: return random.bytes(upTo: 40)
        case 1: bytes = (0..<random.below(30)).map { _ in random.pick(Array("0123456789.-+eE:/ PTDMSYHnfaN".utf8)) }
        case 2: bytes = Array(number(&random).utf8)
        default:
            let examples = [
                "t", "1e+400", "-Infinity", "NaN", "16/B374D848", "2026-11-22 12:58:38.123456+00",
                "P1Y2M3DT4H5M-6.789S",
                "9223372036854775807", "0.000001", "1.5e-07", String(repeating: "9", count: 400), "294246-01-01",
                "infinity",
            ]
            bytes = Array(random.pick(examples).utf8)
        }
        for _ in 0..<random.below(2) where !bytes.isEmpty {
            bytes[random.below(bytes.count)] = UInt8(random.below(256))
        }
        return bytes
    }
}
