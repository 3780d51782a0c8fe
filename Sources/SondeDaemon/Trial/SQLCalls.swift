/// The functions that a piece of SQL calls, read without a grammar: names before a parenthesis, outside of texts and comments.
struct SQLCalls {
    /// One call.
    struct Call: Hashable {
        /// The schema that is named, if one is.
        let schema: String?
        let name: String
        /// Where the name begins, in characters from 0.
        let offset: Int
    }

    private(set) var calls: [Call] = []
    private let text: [Unicode.Scalar]
    private var place = 0

    init(_ sql: String) {
        text = Array(sql.unicodeScalars)
        read()
    }

    private mutating func read() {
        var name: (text: String, offset: Int)?
        var schema: (text: String, offset: Int)?
        while place < text.count {
            switch text[place] {
            case "'":
                let isEscaped = place > 0 && (text[place - 1] == "E" || text[place - 1] == "e")
                skipQuoted(by: "'", isEscaped: isEscaped)
                (name, schema) = (nil, nil)
            case "-" where isNext("-"):
                while place < text.count, text[place] != "\n" { place += 1 }
            case "/" where isNext("*"):
                skipComment()
            case "$":
                skipDollars()
                (name, schema) = (nil, nil)
            case "\"":
                let start = place
                skipQuoted(by: "\"", isEscaped: false)
                var quoted = String.UnicodeScalarView()
                quoted.append(contentsOf: text[(start + 1)..<max(place - 1, start + 1)])
                name = (String(quoted), start)
            case ".":
                schema = name
                name = nil
                place += 1
            case "(":
                if let name, !Self.words.contains(name.text) {
                    calls.append(
                        Call(schema: schema?.text, name: name.text, offset: schema?.offset ?? name.offset))
                }
                (name, schema) = (nil, nil)
                place += 1
            case let scalar where scalar == "_" || scalar.properties.isAlphabetic:
                let start = place
                while place < text.count, isWordPart(text[place]) { place += 1 }
                var word = String.UnicodeScalarView()
                word.append(contentsOf: text[start..<place])
                // A name behind another one, as in "AS x (", is no part of it.
                if start == 0 || text[start - 1] != "." { schema = nil }
                name = (String(word).lowercased(), start)
            case let scalar:
                if !scalar.properties.isWhitespace { (name, schema) = (nil, nil) }
                place += 1
            }
        }
    }

    /// Words that stand before a parenthesis and are no functions.
    private static let words: Set<String> = [
        "in", "any", "all", "some", "exists", "as", "and", "or", "not", "on", "using", "values", "filter", "over",
        "from",
        "where", "select", "when", "then", "else", "case", "with", "lateral", "array", "row", "union", "by", "group",
        "having", "join", "materialized", "except", "intersect", "limit", "like", "between", "is", "cast", "extract",
    ]

    private func isNext(_ scalar: Unicode.Scalar) -> Bool {
        place + 1 < text.count && text[place + 1] == scalar
    }

    private func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar == "$" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
    }

    private mutating func skipQuoted(by quote: Unicode.Scalar, isEscaped: Bool) {
        place += 1
        while place < text.count {
            if isEscaped, text[place] == "\\" {
                place += 2
            } else if text[place] == quote {
                place += 1
                guard place < text.count, text[place] == quote else { return }
                place += 1
            } else {
                place += 1
            }
        }
        place = min(place, text.count)
    }

    /// Skips a comment, which may hold others.
    private mutating func skipComment() {
        var depth = 0
        repeat {
            if text[place] == "/", isNext("*") {
                depth += 1
                place += 2
            } else if text[place] == "*", isNext("/") {
                depth -= 1
                place += 2
            } else {
                place += 1
            }
        } while depth > 0 && place < text.count
        place = min(place, text.count)
    }

    /// Skips a text between dollars, or a dollar.
    private mutating func skipDollars() {
        let start = place
        place += 1
        while place < text.count, isWordPart(text[place]), text[place] != "$" { place += 1 }
        guard place < text.count, text[place] == "$" else { return }
        let tag = text[start...place]
        place += 1
        while place < text.count {
            if text[place...].starts(with: tag) {
                place += tag.count
                return
            }
            place += 1
        }
    }
}
