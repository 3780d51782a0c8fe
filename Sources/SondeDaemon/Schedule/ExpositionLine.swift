import Sonde

/// One line of the text format 0.0.4.
enum ExpositionLine {
    /// A label, its value without escapes.
    struct Label: Hashable {
        let name: String
        let value: String
    }

    /// Why a text is no such line.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    case help(String, String)
    case type(String, Metric.Kind)
    case sample(String, [Label], Double)
    case comment

    /// Reads a line without its end.
    ///
    /// - Throws: what is wrong with it.
    init(_ text: String) throws(Fault) {
        var rest = text.unicodeScalars[...]
        guard !rest.contains("\0") else { throw Fault(description: "it has a NUL character in it") }
        guard rest.last != "\r" else {
            throw Fault(description: "it ends in a carriage return: end lines by \\n alone")
        }
        Self.skipBlanks(&rest)
        if rest.isEmpty {
            self = .comment
        } else if rest.first == "#" {
            rest.removeFirst()
            self = try Self.comment(rest)
        } else {
            self = try Self.sample(rest)
        }
    }

    /// Reads a number as Prometheus does: a decimal, `NaN`, `Inf`, `+Inf` or `-Inf`; nil for anything else, and for what a double
    /// cannot hold.
    static func number(_ text: Substring) -> Double? {
        switch text.lowercased() {
        case "nan": return .nan
        case "inf", "+inf": return .infinity
        case "-inf": return -.infinity
        default: break
        }
        // Swift reads hexadecimal and "infinity", too.
        guard text.utf8.allSatisfy({ "0123456789.+-eE".utf8.contains($0) }) else { return nil }
        return Double(text).flatMap { $0.isFinite ? $0 : nil }
    }

    private static func comment(_ text: Substring.UnicodeScalarView) throws(Fault) -> ExpositionLine {
        var rest = text
        skipBlanks(&rest)
        let word = take(&rest) { !isBlank($0) }
        guard word == "HELP" || word == "TYPE" else { return .comment }
        skipBlanks(&rest)
        let name = take(&rest) { !isBlank($0) }
        guard Metric.isName(name) else {
            throw Fault(description: "\(word) needs the name of a metric, and \(Spelling.quoted(name)) is none")
        }
        // One blank parts the text from the name; the others are its own.
        if word == "HELP" {
            if !rest.isEmpty { rest.removeFirst() }
            return .help(name, try unescaped(rest, quotes: false))
        }
        skipBlanks(&rest)
        let type = take(&rest) { !isBlank($0) }
        skipBlanks(&rest)
        guard rest.isEmpty, !["info", "stateset"].contains(type), let kind = Metric.Kind(rawValue: type) else {
            throw Fault(
                description:
                    "\(Spelling.quoted(type + String(rest))) is no type: write counter, gauge, histogram, summary or untyped"
            )
        }
        return .type(name, kind)
    }

    private static func sample(_ text: Substring.UnicodeScalarView) throws(Fault) -> ExpositionLine {
        var rest = text
        let name = take(&rest) { !isBlank($0) && $0 != "{" }
        guard Metric.isName(name) else {
            throw Fault(description: "\(Spelling.quoted(name)) is not the name of a metric")
        }
        skipBlanks(&rest)
        var labels: [Label] = []
        if rest.first == "{" {
            rest.removeFirst()
            labels = try Self.labels(&rest)
        }
        skipBlanks(&rest)
        let value = take(&rest) { !isBlank($0) }
        guard let number = number(Substring(value)) else {
            throw Fault(description: "\(Spelling.quoted(value)) is not a number")
        }
        skipBlanks(&rest)
        guard rest.isEmpty else {
            throw Fault(
                description: "it goes on after its value: a timestamp would outlive the number, so leave it out")
        }
        return .sample(name, labels, number)
    }

    /// Reads labels, up to and with the closing brace.
    private static func labels(_ rest: inout Substring.UnicodeScalarView) throws(Fault) -> [Label] {
        var labels: [Label] = []
        while true {
            skipBlanks(&rest)
            if rest.first == "}" {
                rest.removeFirst()
                return labels
            }
            let name = take(&rest) { !isBlank($0) && !"={}\",".unicodeScalars.contains($0) }
            guard Metric.isLabel(name) else {
                throw Fault(description: "\(Spelling.quoted(name)) is not the name of a label")
            }
            skipBlanks(&rest)
            guard rest.popFirst() == "=" else { throw Fault(description: "the label \(name) needs = and a value") }
            skipBlanks(&rest)
            guard rest.popFirst() == "\"" else { throw Fault(description: "the value of \(name) needs quotes") }
            var isEscaped = false
            let value = take(&rest) { scalar in
                defer { isEscaped = scalar == "\\" && !isEscaped }
                return scalar != "\"" || isEscaped
            }
            guard rest.popFirst() == "\"" else { throw Fault(description: "the value of \(name) has no end") }
            labels.append(Label(name: name, value: try unescaped(value.unicodeScalars[...], quotes: true)))
            skipBlanks(&rest)
            if rest.first == "," {
                rest.removeFirst()
            } else if rest.first != "}" {
                throw Fault(description: "after the label \(name) comes neither a comma nor a brace")
            }
        }
    }

    private static func unescaped(_ text: Substring.UnicodeScalarView, quotes: Bool) throws(Fault) -> String {
        var result = String.UnicodeScalarView()
        var rest = text
        while let next = rest.popFirst() {
            guard next == "\\" else {
                result.append(next)
                continue
            }
            switch rest.popFirst() {
            case "\\": result.append("\\")
            case "n": result.append("\n")
            case "\"" where quotes: result.append("\"")
            case let other:
                let shown = Spelling.quoted("\\" + (other.map { String($0) } ?? ""))
                throw Fault(description: "\(shown) is no escape: there are \\\\, \\n and, in values, \\\"")
            }
        }
        return String(result)
    }

    private static func take(
        _ rest: inout Substring.UnicodeScalarView, while isWanted: (Unicode.Scalar) -> Bool
    ) -> String {
        let end = rest.firstIndex { !isWanted($0) } ?? rest.endIndex
        defer { rest = rest[end...] }
        return String(rest[..<end])
    }

    private static func skipBlanks(_ rest: inout Substring.UnicodeScalarView) {
        while let first = rest.first, isBlank(first) { rest.removeFirst() }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t"
    }
}
