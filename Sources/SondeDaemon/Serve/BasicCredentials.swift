import NIOHTTP1

/// The user and the password that a client sends by basic authentication (RFC 7617).
struct BasicCredentials: Sendable, Hashable {
    let user: [UInt8]
    let password: [UInt8]

    init(user: [UInt8], password: [UInt8]) {
        self.user = user
        self.password = password
    }

    /// Reads them; nil where there are none, or more than one, or such as no user can have.
    init?(_ headers: HTTPHeaders) {
        let values = headers["authorization"]
        guard values.count == 1, let value = values.first else { return nil }
        let words = value.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "basic", let bytes = Self.decoded(words[1].utf8),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        user = Array(bytes[..<colon])
        password = Array(bytes[(colon + 1)...])
        // The C library would compare up to a zero byte only.
        guard !bytes.contains(0), password.count <= PasswordHash.longestPassword else { return nil }
    }

    /// Decodes base64 (RFC 4648), with or without padding; nil for anything else.
    private static func decoded(_ text: Substring.UTF8View) -> [UInt8]? {
        var digits = text[...]
        for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits = digits.dropLast() }
        var bytes: [UInt8] = []
        var (bits, count): (UInt32, Int) = (0, 0)
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        // A last digit by itself says nothing.
        return count < 6 ? bytes : nil
    }

    private static func value(of digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
