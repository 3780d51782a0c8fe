import NIOCore

/// One metric as FFWD takes it: a JSON object, which is a whole datagram.
struct FFWDMessage: Sendable {
    /// The most bytes of a datagram: what passes a common network in one piece.
    static let largest = 1_400

    let key: String
    let value: Double
    /// Milliseconds since 1970.
    let time: Int64
    /// The host that the number is about.
    let host: String
    /// `what` and `unit` among them, in the order in which they are written.
    let attributes: [(name: String, value: String)]

    /// The object, in one line.
    var json: String {
        var text = #"{"type":"metric","key":"#
        Self.write(key, to: &text)
        text += #","value":\#(Self.number(value)),"time":\#(time),"host":"#
        Self.write(host, to: &text)
        text += #","attributes":{"#
        for (index, attribute) in attributes.enumerated() {
            if index > 0 { text += "," }
            Self.write(attribute.name, to: &text)
            text += ":"
            Self.write(attribute.value, to: &text)
        }
        return text + "}}"
    }

    /// The datagram; nil where it would be too large.
    var datagram: ByteBuffer? {
        let json = json
        return json.utf8.count <= Self.largest ? ByteBuffer(string: json) : nil
    }

    /// Whole numbers without a point, as far as a double holds every one of them.
    private static func number(_ value: Double) -> String {
        guard value.magnitude < 9_007_199_254_740_992, value == value.rounded() else { return "\(value)" }
        return "\(Int64(value))"
    }

    private static func write(_ value: String, to text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += #"\""#
            case "\\": text += #"\\"#
            case "\n": text += #"\n"#
            case "\r": text += #"\r"#
            case "\t": text += #"\t"#
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
