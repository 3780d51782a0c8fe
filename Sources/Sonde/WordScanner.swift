/// Reads words and names of SQL from a short text.
struct WordScanner {
    private var rest: Substring.UnicodeScalarView

    init(_ text: some StringProtocol) {
        rest = Substring(text).unicodeScalars
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Takes a sign.
    mutating func take(_ sign: Unicode.Scalar) -> Bool {
        guard rest.first == sign else { return false }
        rest.removeFirst()
        return true
    }

    /// Takes spaces; says whether there was one.
    @discardableResult mutating func takeSpaces() -> Bool {
        var found = false
        while take(" ") { found = true }
        return found
    }

    /// Takes a word of letters, digits and `_`, as it is written.
    mutating func word() -> String? {
        let word = rest.prefix { Self.isWordPart($0) }
        guard let first = word.first, !("0"..."9").contains(first) else { return nil }
        rest = rest[word.endIndex...]
        return String(word)
    }

    /// Takes a word of a keyword's letters, in capitals or not.
    mutating func keyword(_ keyword: String) -> Bool {
        let before = rest
        if word()?.uppercased() == keyword { return true }
        rest = before
        return false
    }

    /// Takes an identifier: a word, which means its small letters, or whatever stands in quotes.
    mutating func identifier() -> String? {
        guard take("\"") else { return word()?.lowercased() }
        var name = String.UnicodeScalarView()
        while let next = rest.popFirst() {
            if next == "\"" { return name.isEmpty || rest.first == "\"" ? nil : String(name) }
            guard next != "'", next != "\\", next.properties.generalCategory != .control else { return nil }
            name.append(next)
        }
        return nil
    }

    private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_"
    }
}
