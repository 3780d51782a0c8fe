/// The parameters behind the question mark, decoded, in the order in which they came.
struct HTTPQuery: Sendable, Hashable {
    /// A name and its value, which is empty where there was no `=`.
    struct Parameter: Sendable, Hashable {
        let name: String
        let value: String
    }

    let parameters: [Parameter]

    /// Reads what stands behind the question mark.
    init(_ text: Substring) {
        parameters = text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return Parameter(
                name: Self.decoded(parts[0], plusIsSpace: true),
                value: parts.count > 1 ? Self.decoded(parts[1], plusIsSpace: true) : "")
        }
    }

    /// The first value of a parameter; nil if it is not there.
    subscript(name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    /// Decodes `%41`; what is no such thing stays as it is, and invalid UTF-8 is replaced.
    static func decoded(_ text: Substring, plusIsSpace: Bool) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first.flatMap(digit),
                let low = rest.dropFirst().first.flatMap(digit)
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Text as a name or value behind the question mark.
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: ":"):
                result.unicodeScalars.append(UnicodeScalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.utf8.count < 2 ? "%0" + digits : "%" + digits
            }
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
