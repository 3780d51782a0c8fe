/// As much of JSON as the tests read.
indirect enum TestJSON: Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case array([TestJSON])
    case object([String: TestJSON])

    /// Reads a document; nil where it is none.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        guard let value = Self.value(&rest) else { return nil }
        self = value
    }

    subscript(key: String) -> TestJSON? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    var number: Double? {
        guard case .number(let number) = self else { return nil }
        return number
    }

    var array: [TestJSON] {
        guard case .array(let values) = self else { return [] }
        return values
    }

    private static func value(_ rest: inout ArraySlice<UInt8>) -> TestJSON? {
        skip(&rest)
        switch rest.first.map({ Character(Unicode.Scalar($0)) }) {
        case "{":
            var members: [String: TestJSON] = [:]
            let isWhole = list(&rest, end: "}") { rest in
                skip(&rest)
                guard let key = string(&rest) else { return false }
                skip(&rest)
                guard rest.popFirst() == UInt8(ascii: ":"), let value = value(&rest) else { return false }
                members[key] = value
                return true
            }
            return isWhole ? .object(members) : nil
        case "[":
            var values: [TestJSON] = []
            let isWhole = list(&rest, end: "]") { rest in
                guard let value = value(&rest) else { return false }
                values.append(value)
                return true
            }
            return isWhole ? .array(values) : nil
        case "\"":
            return string(&rest).map { .text($0) }
        default:
            let word = rest.prefix { !",]} \n\r\t".utf8.contains($0) }
            rest = rest.dropFirst(word.count)
            switch String(decoding: word, as: UTF8.self) {
            case "null": return .null
            case "true": return .bool(true)
            case "false": return .bool(false)
            case let number: return Double(number).map { .number($0) }
            }
        }
    }

    private static func list(
        _ rest: inout ArraySlice<UInt8>, end: Unicode.Scalar, _ element: (inout ArraySlice<UInt8>) -> Bool
    ) -> Bool {
        rest.removeFirst()
        skip(&rest)
        if rest.first == UInt8(ascii: end) {
            rest.removeFirst()
            return true
        }
        while element(&rest) {
            skip(&rest)
            switch rest.popFirst() {
            case UInt8(ascii: ","): continue
            case UInt8(ascii: end): return true
            default: return false
            }
        }
        return false
    }

    private static func string(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                switch Character(Unicode.Scalar(escaped)) {
                case "n": bytes.append(10)
                case "t": bytes.append(9)
                case "r": bytes.append(13)
                case "u":
                    guard let code = UInt32(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16) else {
                        return nil
                    }
                    rest = rest.dropFirst(4)
                    bytes += Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
                default: bytes.append(escaped)
                }
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private static func skip(_ rest: inout ArraySlice<UInt8>) {
        rest = rest.drop { $0 == 32 || (9...13).contains($0) }
    }
}
