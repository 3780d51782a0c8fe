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

    /// What tells it from the other samples of its page: name and labels, as they stand there.
    let key: String

    /// Reads `name{label="value",…} number`.
    ///
    /// - Returns: nil for comments and for what is no sample.
    init?(_ line: Substring) {
        text = String(line)
        // By bytes: a value that begins with a combining mark would swallow the quote before it.
        var rest = line.utf8
        guard rest.first != UInt8(ascii: "#"), let name = Self.take(&rest, until: "{", " ") else { return nil }
        self.name = name
        var labels: [Label] = []
        if rest.first == UInt8(ascii: "{") {
            rest.removeFirst()
            while rest.first != UInt8(ascii: "}") {
                guard let label = Self.take(&rest, until: "="), rest.dropFirst().first == UInt8(ascii: "\"") else {
                    return nil
                }
                rest.removeFirst(2)
                guard let value = Self.takeValue(&rest) else { return nil }
                labels.append(Label(name: label, value: value))
                if rest.first == UInt8(ascii: ",") { rest.removeFirst() }
            }
            rest.removeFirst()
        }
        guard rest.first == UInt8(ascii: " ") else { return nil }
        self.labels = labels
        key = String(line[..<rest.startIndex])
        value = String(Substring(rest.dropFirst()))
    }

    private static func take(_ rest: inout Substring.UTF8View, until ends: Unicode.Scalar...) -> String? {
        guard let end = rest.firstIndex(where: { byte in ends.contains { $0.value == UInt32(byte) } }) else {
            return nil
        }
        defer { rest = rest[end...] }
        return String(Substring(rest[..<end]))
    }

    /// Takes a value and its closing quote.
    private static func takeValue(_ rest: inout Substring.UTF8View) -> String? {
        var isEscaped = false
        let end = rest.firstIndex { byte in
            if isEscaped {
                isEscaped = false
                return false
            }
            isEscaped = byte == UInt8(ascii: "\\")
            return byte == UInt8(ascii: "\"")
        }
        guard let end else { return nil }
        defer { rest = rest[end...].dropFirst() }
        return String(Substring(rest[..<end]))
    }
}
