/// The digest by which postgres_exporter tells one `queries.yaml` from another; nothing secret depends on it.
struct SHA256 {
    private static let constants: [UInt32] = roots(of: 64, degree: 3)
    private var state: [UInt32] = roots(of: 8, degree: 2)

    /// The digest in small hexadecimal digits.
    static func hexadecimal(of bytes: [UInt8]) -> String {
        var digest = SHA256()
        let bits = UInt64(bytes.count) * 8
        var padded = bytes + [0x80]
        padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
        padded += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) }
        for start in stride(from: 0, to: padded.count, by: 64) { digest.take(padded[start..<(start + 64)]) }
        return digest.state.map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 8 - text.count) + text
        }.joined()
    }

    private mutating func take(_ block: ArraySlice<UInt8>) {
        var words = stride(from: block.startIndex, to: block.endIndex, by: 4).map { at in
            block[at..<(at + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        for index in 16..<64 {
            let (one, two) = (words[index - 15], words[index - 2])
            let mixed = Self.turned(one, 7) ^ Self.turned(one, 18) ^ (one >> 3)
            let other = Self.turned(two, 17) ^ Self.turned(two, 19) ^ (two >> 10)
            words.append(words[index - 16] &+ mixed &+ words[index - 7] &+ other)
        }
        var now = state
        for index in 0..<64 {
            let (first, fifth) = (now[0], now[4])
            let choice = (fifth & now[5]) ^ (~fifth & now[6])
            let majority = (first & now[1]) ^ (first & now[2]) ^ (now[1] & now[2])
            let high = Self.turned(fifth, 6) ^ Self.turned(fifth, 11) ^ Self.turned(fifth, 25)
            let low = Self.turned(first, 2) ^ Self.turned(first, 13) ^ Self.turned(first, 22)
            let sum = now[7] &+ high &+ choice &+ Self.constants[index] &+ words[index]
            now = [sum &+ low &+ majority] + now[..<7]
            now[4] = now[4] &+ sum
        }
        for index in 0..<8 { state[index] = state[index] &+ now[index] }
    }

    private static func turned(_ word: UInt32, _ bits: UInt32) -> UInt32 {
        word >> bits | word << (32 - bits)
    }

    /// The first 32 bits behind the point of the roots of the first primes.
    private static func roots(of count: Int, degree: Int) -> [UInt32] {
        let primes = (2...311).filter { number in !(2..<number).contains { number.isMultiple(of: $0) } }
        return primes.prefix(count).map { prime in
            // The largest number whose power is not above prime × 2^(32 × degree), found bit by bit.
            var root: UInt64 = 0
            for bit in (0..<36).reversed() {
                let next = root | 1 << UInt64(bit)
                if power(next, degree, isAtMost: UInt64(prime)) { root = next }
            }
            return UInt32(truncatingIfNeeded: root)
        }
    }

    private static func power(_ root: UInt64, _ degree: Int, isAtMost prime: UInt64) -> Bool {
        let wide = UInt128(root)
        let power = degree == 2 ? wide * wide : wide * wide * wide
        return power <= UInt128(prime) << UInt128(32 * degree)
    }
}
