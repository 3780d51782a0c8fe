/// Names within SQL.
enum Identifier {
    /// The name in quotes, with quotes within it doubled.
    static func quoted(_ name: String) -> String {
        var text = "\""
        for character in name.unicodeScalars {
            text.unicodeScalars.append(character)
            if character == "\"" { text += "\"" }
        }
        return text + "\""
    }

    /// Puts a schema where the text says `{schema}`.
    static func replacingSchema(in text: String, by schema: String) -> String {
        var rest = Substring(text)
        var result = ""
        while let brace = rest.firstIndex(of: "{") {
            result += rest[..<brace]
            if rest[brace...].hasPrefix("{schema}") {
                result += schema
                rest = rest[brace...].dropFirst("{schema}".count)
            } else {
                result += "{"
                rest = rest[brace...].dropFirst()
            }
        }
        return result + rest
    }
}
