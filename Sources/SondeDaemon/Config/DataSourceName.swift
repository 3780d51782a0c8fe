/// The variable `DATA_SOURCE_NAME`: connection strings, separated by commas.
enum DataSourceName {
    /// Splits the variable's value.
    ///
    /// A comma parts two strings only where the next begins behind it, by `postgresql://`, `postgres://` or a keyword
    /// and `=`; any other comma belongs to a list of hosts or to a value. Within single quotes of `keyword='value'` no
    /// string begins.
    static func split(_ text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var isQuoted = false
        var isEscaped = false
        var rest = Substring(text)
        while let character = rest.unicodeScalars.popFirst() {
            if character == ",", !isQuoted, !isEscaped, isBeginning(rest) {
                parts.append(part)
                part = ""
                continue
            }
            // Quotes mean something in keyword=value only.
            if character == "'", !isEscaped, !isURI(trimmed(Substring(part))) { isQuoted.toggle() }
            isEscaped = character == "\\" && !isEscaped
            part.unicodeScalars.append(character)
        }
        parts.append(part)
        return parts.map { String(trimmed(Substring($0))) }.filter { !$0.isEmpty }
    }

    private static func isBeginning(_ text: Substring) -> Bool {
        let text = trimmed(text)
        if isURI(text) { return true }
        let word = text.utf8.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: " ") }
        guard ConnectionKeywords.known.contains(String(word) ?? "") else { return false }
        return trimmed(text[word.endIndex...]).hasPrefix("=")
    }

    private static func isURI(_ text: Substring) -> Bool {
        text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
