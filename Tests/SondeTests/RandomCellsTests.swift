import Foundation
import Glibc
import Sonde
import Testing

/// Values of every type that is no decimal, written as the server writes them and read by somebody else's arithmetic.
@Suite("Random cells")
struct RandomCellsTests {
    private static let runs = 100 * SeededGenerator.thoroughness

    @Test("a time of day in any year and zone is its second since 1970", arguments: 0..<8)
    func timestamps(seed: Int) throws {
        var random = SeededGenerator(seed: 2_000 + UInt64(seed))
        for _ in 0..<Self.runs {
            // From the year 1 to the last that a server has, at most; most of them near.
            let seconds =
                random.below(3) == 0
                ? Int64.random(in: -62_135_596_800...9_224_318_015_999, using: &random)
                : Int64.random(in: -3_000_000_000...5_000_000_000, using: &random)
            let micros = random.below(2) == 0 ? 0 : random.below(1_000_000)
            let offset = random.below(3) == 0 ? random.below(2 * 14 * 60) * 60 - 14 * 3_600 : 0
            var parts = unsafe tm()
            var local = time_t(seconds + Int64(offset))
            try #require(unsafe gmtime_r(&local, &parts) != nil)
            let year = unsafe Int(parts.tm_year) + 1_900
            guard (1...294_246).contains(year) else { continue }
            let day = unsafe "\(pad(year, 4))-\(pad(Int(parts.tm_mon) + 1))-\(pad(Int(parts.tm_mday)))"
            let clock = unsafe "\(pad(Int(parts.tm_hour))):\(pad(Int(parts.tm_min))):\(pad(Int(parts.tm_sec)))"
            let text = "\(day) \(clock)\(fraction(micros))\(zone(offset))"
            let total = seconds * 1_000_000 + Int64(micros)
            guard try rendered(text, type: 1_184) == expected(Int128(total)) else {
                Issue.record("\(text) is \(total) µs")
                return
            }
        }
    }

    @Test("an interval of any parts is the sum of its seconds", arguments: 0..<8)
    func intervals(seed: Int) throws {
        var random = SeededGenerator(seed: 3_000 + UInt64(seed))
        for _ in 0..<Self.runs {
            var text = "P"
            var total: Int128 = 0
            let part = { (unit: String, seconds: Int128, random: inout SeededGenerator) in
                guard random.below(2) == 0 else { return "" }
                let number = random.below(random.below(4) == 0 ? 2_000_000_000 : 100)
                let sign = random.below(4) == 0 ? "-" : ""
                let micros = unit == "S" && random.below(2) == 0 ? random.below(1_000_000) : 0
                let amount = Int128(number) * seconds * 1_000_000 + Int128(micros)
                total += sign.isEmpty ? amount : -amount
                return "\(sign)\(number)\(unit == "S" ? fraction(micros) : "")\(unit)"
            }
            let days = part("Y", 31_557_600, &random) + part("M", 2_592_000, &random) + part("D", 86_400, &random)
            let time = part("H", 3_600, &random) + part("M", 60, &random) + part("S", 1, &random)
            text += days + (time.isEmpty ? "" : "T" + time)
            if text == "P" { text = "PT0S" }
            let wanted = abs(total) <= Int128(Int64.max) ? expected(total) : nil
            let found = try rendered(text, type: 1_186)
            // Parts that go beyond 64 bits on the way may be refused even where their sum is not.
            guard found == wanted || found == nil && abs(total) > Int128(Int64.max) / 8 else {
                Issue.record("\(text) is \(total) µs, not \(found ?? "nothing")")
                return
            }
        }
    }

    @Test("a WAL position is its number of bytes, a truth value 0 or 1, and anything else is nothing", arguments: 0..<8)
    func positions(seed: Int) throws {
        var random = SeededGenerator(seed: 4_000 + UInt64(seed))
        for _ in 0..<Self.runs {
            let high = UInt32.random(in: 0 ... .max, using: &random) >> random.below(32)
            let low = UInt32.random(in: 0 ... .max, using: &random) >> random.below(32)
            let digits = String(low, radix: 16, uppercase: true)
            // PostgreSQL 19 pads the second half.
            let padded = random.below(2) == 0 ? digits : String(repeating: "0", count: 8 - digits.count) + digits
            let text = "\(String(high, radix: 16, uppercase: true))/\(padded)"
            #expect(try rendered(text, type: 3_220) == "\(UInt64(high) << 32 | UInt64(low))")
            var bytes = Array(text.utf8)
            bytes[random.below(bytes.count)] = random.pick(Array("/gG -.\u{7F}".utf8))
            let damaged = String(decoding: bytes, as: UTF8.self)
            if damaged != text { #expect(try rendered(damaged, type: 3_220) == nil, "\(damaged)") }
            let word = random.text(upTo: 2)
            if !["t", "f"].contains(word) { #expect(try rendered(word, type: 16) == nil) }
        }
    }

    /// Microseconds as the page has them: seconds without a zero too many.
    private func expected(_ micros: Int128) -> String {
        let (whole, rest) = micros.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        return (micros < 0 ? "-" : "") + "\(whole)" + fraction(Int(rest))
    }

    /// As the server prints it: no zeros at the end.
    private func fraction(_ micros: Int) -> String {
        guard micros > 0 else { return "" }
        var digits = pad(micros, 6)
        while digits.last == "0" { digits.removeLast() }
        return "." + digits
    }

    private func zone(_ offset: Int) -> String {
        let minutes = abs(offset) / 60
        return (offset < 0 ? "-" : "+") + pad(minutes / 60) + (minutes % 60 == 0 ? "" : ":" + pad(minutes % 60))
    }

    private func pad(_ value: Int, _ width: Int = 2) -> String {
        let digits = "\(value)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
