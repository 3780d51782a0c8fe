/// A value to be written as JSON.
enum JSON: Sendable, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    case null
    case bool(Bool)
    case integer(Int)
    /// What is not finite is written as null, since JSON has nothing else for it.
    case number(Double)
    case text(String)
    case list([JSON])
    /// In the order in which they are to be written.
    case object([(name: String, value: JSON)])

    init(stringLiteral value: String) {
        self = .text(value)
    }

    init(booleanLiteral value: Bool) {
        self = .bool(value)
    }

    init(integerLiteral value: Int) {
        self = .integer(value)
    }

    /// A number, or null.
    static func number(_ value: Double?) -> JSON {
        value.map { .number($0) } ?? .null
    }

    /// A text, or null.
    static func text(_ value: String?) -> JSON {
        value.map { .text($0) } ?? .null
    }

    /// The document, for people as much as for programs: a member to a line, and its end.
    var document: String {
        var text = ""
        write(to: &text, margin: "\n")
        return text + "\n"
    }

    private func write(to text: inout String, margin: String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += "\(value)"
        case .number(let value): text += value.isFinite ? Self.plain(value) : "null"
        case .text(let value): text += Self.quoted(value)
        case .list(let items):
            let isFlat = items.allSatisfy(\.isScalar)
            Self.write(items, between: ("[", "]"), to: &text, margin: isFlat ? nil : margin) { item, text, margin in
                item.write(to: &text, margin: margin)
            }
        case .object(let members):
            Self.write(members, between: ("{", "}"), to: &text, margin: margin) { member, text, margin in
                text += "\(Self.quoted(member.name)): "
                member.value.write(to: &text, margin: margin)
            }
        }
    }

    /// Writes what stands in brackets; on one line where there is no margin.
    private static func write<Item>(
        _ items: [Item], between brackets: (String, String), to text: inout String, margin: String?,
        _ write: (Item, inout String, String) -> Void
    ) {
        text += brackets.0
        for (index, item) in items.enumerated() {
            if index > 0 { text += margin == nil ? ", " : "," }
            if let margin { text += "\(margin)  " }
            write(item, &text, "\(margin ?? "\n")  ")
        }
        if let margin, !items.isEmpty { text += margin }
        text += brackets.1
    }

    private var isScalar: Bool {
        switch self {
        case .list, .object: false
        default: true
        }
    }

    /// A number as short as reads back the same; whole numbers without a point, as far as a double holds every one of them.
    static func plain(_ value: Double) -> String {
        guard value.magnitude < 9_007_199_254_740_992, value == value.rounded() else { return "\(value)" }
        return "\(Int64(value))"
    }

    /// Text in quotes; control characters never reach a terminal.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..<" ", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
