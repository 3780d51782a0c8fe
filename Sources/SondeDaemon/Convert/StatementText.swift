import Sonde

/// SQL of somebody else's: where its first statement ends, and how its columns are called.
struct StatementText {
    /// A word of SQL.
    enum Token: Equatable {
        /// A keyword or a name without quotes, in small letters.
        case word(String)
        /// A name in quotes.
        case name(String)
        /// A text in single quotes, without escapes.
        case text(String)
        /// Any other constant.
        case constant
        case sign(Unicode.Scalar)
    }

    /// The first statement, without the semicolon.
    let body: String
    /// Whether there is a second one.
    let hasMore: Bool
    let tokens: [Token]

    init(_ text: String) {
        var scanner = Scanner(text)
        var tokens: [Token] = []
        var end: Int?
        var hasMore = false
        while let (token, start) = scanner.next() {
            if end != nil {
                hasMore = hasMore || token != .sign(";")
            } else if token == .sign(";") {
                end = start
            } else {
                tokens.append(token)
            }
        }
        self.tokens = tokens
        self.hasMore = hasMore
        var body = scanner.text(to: end)
        while body.last?.isWhitespace == true { body.removeLast() }
        self.body = body
    }

    /// The statement as a subquery: with more columns, and only if conditions hold.
    func wrapped(adding columns: [(sql: String, name: String)], if conditions: [String] = []) -> String {
        guard !columns.isEmpty || !conditions.isEmpty else { return body }
        let list = ["q.*"] + columns.map { "\($0.sql) AS \(Identifier.quoted($0.name))" }
        var text = "SELECT \(list.joined(separator: ",\n  "))\nFROM (\n\(body)\n) AS q"
        for (index, condition) in conditions.enumerated() {
            // By way of a text, for NULL alone has no other type.
            text += "\n\(index == 0 ? "WHERE" : "AND") (\n\(condition)\n)::text::boolean"
        }
        return text
    }

    /// The names of the columns as far as they can be told without the server, and whether those are all.
    var columnNames: (names: [String], isComplete: Bool) {
        guard let items = selectList else { return ([], false) }
        let names = items.map(Self.name)
        return (names.compactMap { $0 }, !names.contains(nil))
    }

    /// The unit of a column that is a time, a duration or a place in the WAL; a count where it is a number, or is not known.
    func unit(of column: String) -> Sonde.Unit {
        guard let item = selectList?.first(where: { Self.name(of: $0) == column }) else {
            return ExpressionUnit.unit(ofColumn: column) ?? .count
        }
        var expression = item[...]
        if item.count > 1, item.last.flatMap(Self.text) == column, item[item.count - 2] != .sign(".") {
            expression = expression.dropLast()
            if expression.last == .word("as") { expression = expression.dropLast() }
        }
        return ExpressionUnit.unit(of: expression) ?? .count
    }

    /// The names of the columns that are NULL and nothing else, which has no type.
    var nullColumns: Set<String> {
        Set(
            (selectList ?? []).filter { $0.count > 1 && $0.first == .word("null") }.compactMap { item in
                item.count == 2 || item.count == 3 && item[1] == .word("as") ? item.last.flatMap(Self.text) : nil
            })
    }

    /// What stands between the statement's own SELECT and its FROM; nil where there is none.
    private var selectList: [[Token]]? {
        var depth = 0
        var items: [[Token]] = []
        var isWithin = false
        for (index, token) in tokens.enumerated() {
            if [.sign(")"), .sign("]")].contains(token) { depth -= 1 }
            defer { if [.sign("("), .sign("[")].contains(token) { depth += 1 } }
            guard isWithin else {
                if depth == 0, token == .word("select") {
                    isWithin = true
                    items = [[]]
                }
                continue
            }
            if depth == 0, case .word(let word) = token, Self.ends.contains(word),
                tokens[index - 1] != .word("distinct") || word != "from"
            {
                break
            }
            if depth == 0, token == .sign(",") {
                items.append([])
            } else {
                items[items.count - 1].append(token)
            }
        }
        guard !items.isEmpty else { return nil }
        if [.word("distinct"), .word("all")].contains(items[0].first) {
            items[0].removeFirst()
            if items[0].first == .word("on"), let end = items[0].firstIndex(of: .sign(")")) {
                items[0].removeFirst(end + 1)
            }
        }
        return items
    }

    /// Keywords that end a list of columns.
    private static let ends: Set<String> = [
        "from", "where", "group", "having", "window", "union", "intersect", "except", "order", "limit", "offset",
        "fetch", "for", "into",
    ]
    /// Words that are no name although they stand where one could.
    private static let noNames: Set<String> = ["end", "null", "true", "false", "zone", "precision", "varying"]
    /// Words after which an operand follows, and no name.
    private static let operators: Set<String> = ["and", "or", "not", "is", "in", "like", "ilike", "between", "from"]

    /// The name that the server gives to a column; nil where that is not easily told.
    private static func name(of item: [Token]) -> String? {
        guard let last = item.last, let own = text(of: last) else { return callName(of: item) }
        guard item.count > 1 else { return own }
        switch item[item.count - 2] {
        case .word("as"): return own
        case .sign("."): return isPath(item[...]) ? own : nil
        case .name, .text, .constant, .sign(")"), .sign("]"): break
        case .word(let word) where !operators.contains(word): break
        default: return nil
        }
        if last == .word(own), noNames.contains(own) { return nil }
        return item.contains(.sign(":")) ? nil : own
    }

    /// A call is called like its function.
    private static func callName(of item: [Token]) -> String? {
        guard item.last == .sign(")"), let open = item.firstIndex(of: .sign("(")), open > 0, isPath(item[..<open])
        else { return nil }
        var depth = 0
        for (index, token) in item.enumerated() {
            if token == .sign("(") { depth += 1 }
            if token == .sign(")") { depth -= 1 }
            if depth == 0, index >= open, index < item.count - 1 { return nil }
        }
        return text(of: item[open - 1])
    }

    private static func isPath(_ tokens: ArraySlice<Token>) -> Bool {
        !tokens.isEmpty
            && tokens.enumerated().allSatisfy { $0.isMultiple(of: 2) ? text(of: $1) != nil : $1 == .sign(".") }
    }

    private static func text(of token: Token) -> String? {
        switch token {
        case .word(let text), .name(let text): text
        case .text, .constant, .sign: nil
        }
    }

    /// Takes SQL to pieces; comments are none.
    private struct Scanner {
        private let scalars: [Unicode.Scalar]
        private var at = 0

        init(_ text: String) {
            scalars = Array(text.unicodeScalars)
        }

        func text(to end: Int?) -> String {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars[..<(end ?? scalars.count)])
            return String(text)
        }

        private func scalar(_ offset: Int = 0) -> Unicode.Scalar? {
            at + offset < scalars.count ? scalars[at + offset] : nil
        }

        mutating func next() -> (token: Token, start: Int)? {
            skipSpace()
            guard let first = scalar() else { return nil }
            let start = at
            at += 1
            switch first {
            case "'":
                skip(to: "'", escapes: false)
                let inner = scalars[(start + 1)..<max(start + 1, at - 1)]
                return (.text(string(inner).replacing("''", with: "'")), start)
            case "\"":
                skip(to: "\"", escapes: false)
                let inner = scalars[(start + 1)..<max(start + 1, at - 1)]
                return (.name(string(inner).replacing("\"\"", with: "\"")), start)
            case "$" where skipDollars(from: start): return (.constant, start)
            case _ where isDigit(first):
                while let next = scalar(), isWordPart(next) || next == "." { at += 1 }
                return (.constant, start)
            case _ where isWordPart(first):
                while let next = scalar(), isWordPart(next) || next == "$" { at += 1 }
                let word = string(scalars[start..<at]).lowercased()
                if ["e", "b", "x", "n"].contains(word), scalar() == "'" {
                    at += 1
                    skip(to: "'", escapes: word == "e")
                    return (.constant, start)
                }
                return (.word(word), start)
            default: return (.sign(first), start)
            }
        }

        private func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            return String(text)
        }

        private mutating func skipSpace() {
            while let first = scalar() {
                if first.properties.isWhitespace {
                    at += 1
                } else if first == "-", scalar(1) == "-" {
                    while let next = scalar(), next != "\n" { at += 1 }
                } else if first == "/", scalar(1) == "*" {
                    skipComment()
                } else {
                    return
                }
            }
        }

        private mutating func skipComment() {
            var depth = 0
            while scalar() != nil {
                if scalar() == "/", scalar(1) == "*" {
                    depth += 1
                    at += 2
                } else if scalar() == "*", scalar(1) == "/" {
                    depth -= 1
                    at += 2
                    if depth == 0 { return }
                } else {
                    at += 1
                }
            }
        }

        private mutating func skip(to quote: Unicode.Scalar, escapes: Bool) {
            while let next = scalar() {
                at += 1
                if escapes, next == "\\" {
                    at = min(at + 1, scalars.count)
                } else if next == quote {
                    guard scalar() == quote else { return }
                    at += 1
                }
            }
        }

        /// Skips a text in dollar signs, if one begins here.
        private mutating func skipDollars(from start: Int) -> Bool {
            var end = at
            while end < scalars.count, isWordPart(scalars[end]), end > at || !isDigit(scalars[end]) { end += 1 }
            guard end < scalars.count, scalars[end] == "$" else { return false }
            let mark = scalars[start...end]
            at = end + 1
            while at < scalars.count {
                if scalars[at] == "$", scalars[at...].starts(with: mark) {
                    at += mark.count
                    return true
                }
                at += 1
            }
            return true
        }

        private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

        private func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
            isDigit(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
                || scalar.value >= 0x80
        }
    }
}
