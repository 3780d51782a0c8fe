/// One line of the text format, taken apart; values of labels stay escaped.
struct SampleLine: Hashable {
    struct Label: Hashable {
        let name: String
        let value: String
    }

    let name: String
    let labels: [Label]
    let value: String
    /// The line.
    let text: String

    /// What tells it from the other samples of its page.
    var key: [String] { [name] + labels.flatMap { [$0.name, $0.value] } }

    /// Reads `name{label="value",…} number`.
    ///
    /// - Returns: nil for comments and for what is no sample.
    init?(_ line: Substring) {
        text = String(line)
        // By scalars: a value that begins with a combining mark would swallow the quote before it.
        var rest = line.unicodeScalars[...]
        guard rest.first != "#", let name = Self.take(&rest, until: ["{", " "]) else { return nil }
        self.name = name
        var labels: [Label] = []
        if rest.first == "{" {
            rest.removeFirst()
            while rest.first != "}" {
                guard let label = Self.take(&rest, until: ["="]), rest.dropFirst().first == "\"" else { return nil }
                rest.removeFirst(2)
                guard let value = Self.takeValue(&rest) else { return nil }
                labels.append(Label(name: label, value: value))
                if rest.first == "," { rest.removeFirst() }
            }
            rest.removeFirst()
        }
        guard rest.first == " " else { return nil }
        self.labels = labels
        value = String(rest.dropFirst())
    }

    private static func take(_ rest: inout Substring.UnicodeScalarView, until ends: Set<Unicode.Scalar>) -> String? {
        guard let end = rest.firstIndex(where: ends.contains) else { return nil }
        defer { rest = rest[end...] }
        return String(rest[..<end])
    }

    /// Takes a value and its closing quote.
    private static func takeValue(_ rest: inout Substring.UnicodeScalarView) -> String? {
        var value = String.UnicodeScalarView()
        while let next = rest.popFirst() {
            switch next {
            case "\"": return String(value)
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                value.append(contentsOf: [next, escaped])
            default: value.append(next)
            }
        }
        return nil
    }
}
