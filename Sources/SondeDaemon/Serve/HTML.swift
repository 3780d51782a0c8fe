/// A piece of a page: markup that we wrote, and texts of others that are harmless in it.
struct HTML: ExpressibleByStringInterpolation {
    /// Takes what stands in the source as markup, and escapes what is put in.
    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var markup = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            markup.reserveCapacity(literalCapacity)
        }

        mutating func appendLiteral(_ literal: String) {
            markup += literal
        }

        mutating func appendInterpolation(_ text: String) {
            markup += HTML.escaped(text)
        }

        mutating func appendInterpolation(_ number: Int) {
            markup += "\(number)"
        }

        mutating func appendInterpolation(_ piece: HTML) {
            markup += piece.markup
        }

        mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { markup += piece.markup }
        }
    }

    /// The text of the page.
    private(set) var markup: String

    init(stringLiteral value: String) {
        markup = value
    }

    init(stringInterpolation: StringInterpolation) {
        markup = stringInterpolation.markup
    }

    /// A text of others, in content and in quoted attributes.
    ///
    /// Control characters become spaces, and what would turn the direction of what follows becomes U+FFFD.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n": result += "\n"
            case "\u{0}"..<" ", "\u{7F}"..."\u{9F}": result += " "
            case "\u{200E}", "\u{200F}", "\u{61C}", "\u{2028}"..."\u{202E}", "\u{2066}"..."\u{2069}":
                result += "\u{FFFD}"
            case _ where scalar.properties.isNoncharacterCodePoint: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
