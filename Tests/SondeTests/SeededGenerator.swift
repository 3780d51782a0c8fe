import Foundation

/// A generator whose numbers are the same on every run, so that what failed once fails again (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    /// How many times as much as in a usual run, which must end in seconds: `make fuzz` says how many.
    static let thoroughness = ProcessInfo.processInfo.environment["PGSONDE_FUZZ"].flatMap { Int($0) } ?? 1

    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int {
        Int.random(in: 0..<bound, using: &self)
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    /// Bytes that are often not UTF-8, and often those that must be escaped.
    mutating func bytes(upTo length: Int) -> [UInt8] {
        let hard: [UInt8] = [
            0x00, 0x09, 0x0A, 0x0D, 0x20, 0x22, 0x2C, 0x5C, 0x7B, 0x7D, 0xC2, 0xE2, 0xED, 0xF0, 0xF4, 0xFF,
        ]
        return (0..<below(length + 1)).map { _ in
            switch below(4) {
            case 0: pick(hard)
            case 1: UInt8(0x80 + below(64))
            case 2: UInt8(below(256))
            default: UInt8(0x61 + below(26))
            }
        }
    }

    /// Text of characters that are hard on a writer.
    mutating func text(upTo length: Int) -> String {
        let hard: [Unicode.Scalar] = [
            "\"", "\\", "\n", "\r", "\t", "{", "}", ",", "=", "é", "€", "😀", "\u{FFFD}", "\u{7F}", "n", " ",
        ]
        var text = ""
        for _ in 0..<below(length + 1) { text.unicodeScalars.append(pick(hard)) }
        return text
    }
}
