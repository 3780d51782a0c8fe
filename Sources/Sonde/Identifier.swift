/// Names and texts within SQL.
package enum Identifier {
    /// The name in quotes, with quotes within it doubled.
    package static func quoted(_ name: String) -> String {
        var text = "\""
        for character in name.unicodeScalars {
            text.unicodeScalars.append(character)
            if character == "\"" { text += "\"" }
        }
        return text + "\""
    }

    /// A text as a literal, whatever `standard_conforming_strings` is.
    package static func literal(_ text: String) -> String {
        var result = text.unicodeScalars.contains("\\") ? " E'" : "'"
        for scalar in text.unicodeScalars {
            if scalar == "'" || scalar == "\\" { result.unicodeScalars.append(scalar) }
            result.unicodeScalars.append(scalar)
        }
        return result + "'"
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
