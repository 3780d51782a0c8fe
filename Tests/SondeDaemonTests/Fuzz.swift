import Foundation

/// Random input, the same in every run: SplitMix64.
struct Fuzz {
    /// Each of these is a run of its own of every test with random input.
    static let seeds = 0..<8 as Range<UInt64>
    /// How many times as much as in a usual run, which must end in seconds: `make fuzz` says how many.
    static let thoroughness = ProcessInfo.processInfo.environment["PGSONDE_FUZZ"].flatMap { Int($0) } ?? 1

    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// A number below a bound.
    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(bound))
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    /// Text of pieces: what a parser looks for, and what it does not expect.
    mutating func text(of pieces: [String], upTo length: Int) -> String {
        (0..<below(length + 1)).map { _ in below(8) == 0 ? scalar() : pick(pieces) }.joined()
    }

    /// Any character.
    mutating func scalar() -> String {
        let value =
            switch below(4) {
            case 0: below(0x20)
            case 1: below(0x80)
            case 2: below(0x800)
            default: below(0x11_0000)
            }
        return UnicodeScalar(UInt32(value)).map { String(Character($0)) } ?? "\u{FFFD}"
    }

    /// Changes bytes: others, fewer, more, the same twice, the end gone, a token in between.
    mutating func damage(_ bytes: inout [UInt8], with tokens: [[UInt8]]) {
        let place = below(bytes.count + 1)
        switch below(6) {
        case 0 where place < bytes.count: bytes[place] = UInt8(below(256))
        case 1 where place < bytes.count: bytes.remove(at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + below(20)))
        case 3:
            let copy = Array(bytes[place..<min(bytes.count, place + below(40))])
            bytes.insert(contentsOf: copy, at: below(bytes.count + 1))
        case 4: bytes = Array(bytes[..<max(place, min(1, bytes.count))])
        default: bytes.insert(contentsOf: pick(tokens), at: place)
        }
        if bytes.isEmpty { bytes = [0x0A] }
    }
}
