/// Writes nodes as YAML in block style, with quotes only where a text would be read as something else.
struct YAMLWriter {
    private var output = ""

    /// A document that ``YAMLParser`` reads as the same nodes.
    ///
    /// Keys must be short: YAML allows 1 024 characters.
    static func text(_ node: YAMLNode) -> String {
        var writer = YAMLWriter()
        switch node.content {
        case .scalar:
            writer.output += "--- "
            writer.writeInline(node, indent: 2)
        case .sequence, .mapping:
            if let inline = inline(node) {
                writer.output += inline + "\n"
            } else {
                writer.writeBlock(node, indent: 0)
            }
        }
        return writer.output
    }

    /// Writes a node behind a key or a dash, up to the end of its last line.
    private mutating func writeInline(_ node: YAMLNode, indent: Int) {
        if let text = Self.inline(node) {
            output += "\(text)\n"
        } else if case .scalar(let text, _) = node.content {
            writeLiteral(text, indent: indent)
        }
    }

    /// Writes the items or entries, each on lines of its own; the first begins where the output ends.
    private mutating func writeBlock(_ node: YAMLNode, indent: Int, isFirstIndented: Bool = true) {
        var margin = isFirstIndented ? Self.spaces(indent) : ""
        switch node.content {
        case .scalar: writeInline(node, indent: indent)
        case .sequence(let items):
            for item in items {
                output += "\(margin)-"
                margin = Self.spaces(indent)
                if Self.isOnOneLine(item) {
                    output += " "
                    writeInline(item, indent: indent + 2)
                } else {
                    output += " "
                    writeBlock(item, indent: indent + 2, isFirstIndented: false)
                }
            }
        case .mapping(let entries):
            for entry in entries {
                output += "\(margin)\(Self.key(entry.key)):"
                margin = Self.spaces(indent)
                if Self.isOnOneLine(entry.value) {
                    output += " "
                    writeInline(entry.value, indent: indent + 2)
                } else {
                    output += "\n"
                    writeBlock(entry.value, indent: indent + 2)
                }
            }
        }
    }

    /// Whether a node begins on the line of its key.
    private static func isOnOneLine(_ node: YAMLNode) -> Bool {
        if case .scalar = node.content { return true }
        return inline(node) != nil
    }

    /// A node that needs one line; nil for what needs more.
    private static func inline(_ node: YAMLNode) -> String? {
        switch node.content {
        case .scalar(let text, isPlain: true): return text
        case .scalar(let text, isPlain: false): return isLiteral(text) ? nil : scalar(text)
        case .sequence(let items):
            let words = items.compactMap { item -> String? in
                guard case .scalar(let text, let isPlain) = item.content, isName(text) else { return nil }
                return isPlain ? text : scalar(text)
            }
            return words.count == items.count ? "[\(words.joined(separator: ", "))]" : nil
        case .mapping(let entries): return entries.isEmpty ? "{}" : nil
        }
    }

    private static func key(_ node: YAMLNode) -> String {
        guard case .scalar(let text, let isPlain) = node.content else { return "\"\"" }
        return isPlain ? text : scalar(text)
    }

    /// A text on one line: as it is, or in the quotes that it needs.
    private static func scalar(_ text: String) -> String {
        if isPlain(text) { return text }
        guard text.unicodeScalars.allSatisfy({ isPrintable($0) && !isBreak($0) }) else { return doubleQuoted(text) }
        let isEasier = { (quote: Character) in !text.contains(quote) && !text.contains("\\") }
        return isEasier("\"") && !isEasier("'") ? doubleQuoted(text) : singleQuoted(text)
    }

    private static func singleQuoted(_ text: String) -> String {
        var quoted = "'"
        for scalar in text.unicodeScalars {
            quoted.unicodeScalars.append(scalar)
            if scalar == "'" { quoted += "'" }
        }
        return quoted + "'"
    }

    private static func doubleQuoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case _ where isPrintable(scalar) && !isBreak(scalar): quoted.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                let (mark, length) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
                quoted += "\\\(mark)\(String(repeating: "0", count: length - digits.count))\(digits)"
            }
        }
        return quoted + "\""
    }

    /// Writes the lines of a text as they are, indented.
    private mutating func writeLiteral(_ text: String, indent: Int) {
        var scalars = Substring(text).unicodeScalars
        let endsInBreak = scalars.last == "\n"
        if endsInBreak { scalars.removeLast() }
        output += endsInBreak ? "|\n" : "|-\n"
        for line in scalars.split(separator: "\n", omittingEmptySubsequences: false) {
            output += line.isEmpty ? "\n" : "\(Self.spaces(indent))\(Substring(line))\n"
        }
    }

    /// Whether a text can stand as indented lines: the first shows the indentation, and the last is not empty.
    private static func isLiteral(_ text: String) -> Bool {
        guard text.unicodeScalars.allSatisfy({ isPrintable($0) && (!isBreak($0) || $0 == "\n") }) else { return false }
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard lines.count > 1, let first = lines.first?.first, first != " ", first != "\t", lines.last?.isEmpty == false
        else { return false }
        // A line of blanks could not be told from an empty one, by people at least.
        return lines.allSatisfy { line in line.isEmpty || line.contains { $0 != " " && $0 != "\t" } }
    }

    /// Whether a text without quotes is read as this very text, by us and by any other reader.
    private static func isPlain(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard let first = scalars.first, first != " ", scalars.last != " ", scalars.last != ":" else { return false }
        guard !"-?:,[]{}#&*!|>'\"%@`=~<.+".unicodeScalars.contains(first) else { return false }
        if ("0"..."9").contains(first), scalars.allSatisfy(isPartOfNumber) { return false }
        guard !words.contains(text.lowercased()) else { return false }
        var before: Unicode.Scalar = " "
        for scalar in scalars {
            guard isPrintable(scalar), !isBreak(scalar), scalar != "\t" else { return false }
            if scalar == " ", before == ":" { return false }
            if scalar == "#", before == " " { return false }
            before = scalar
        }
        return true
    }

    /// Whether a scalar can be part of a number, date or time, in any base and notation.
    private static func isPartOfNumber(_ scalar: Unicode.Scalar) -> Bool {
        "0123456789abcdefABCDEFoxOXtTzZ_.:+- ".unicodeScalars.contains(scalar)
    }

    /// Words that some reader of YAML takes for something else than a text.
    private static let words: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    /// Whether a text can stand in brackets without further thought.
    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 63
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// Whether YAML allows a scalar outside of double quotes, and people can see it.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: true
        case _ where Spelling.isControl(scalar): false
        case 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }

    /// What YAML takes for the end of a line.
    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
    }

    private static func spaces(_ count: Int) -> String {
        String(repeating: " ", count: count)
    }
}
