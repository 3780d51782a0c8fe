import Sonde

/// A query that says whether another one is to run, where it only asks whether a relation or an extension is there.
///
/// A definition can require those. Of any other predicate the server takes the statement apart before it asks it.
struct Predicate {
    private typealias Token = StatementText.Token

    /// What it asks for.
    enum Need: Equatable {
        case `extension`(String)
        /// A relation, with its schema where the predicate says which.
        case relation(schema: String?, name: String)
    }

    /// The columns of a catalogue that are names of relations, and of their schemas.
    private static let relations: [String: (name: String, schema: String)] = [
        "pg_tables": ("tablename", "schemaname"), "pg_views": ("viewname", "schemaname"),
        "pg_matviews": ("matviewname", "schemaname"), "tables": ("table_name", "table_schema"),
        "views": ("table_name", "table_schema"), "pg_class": ("relname", ""),
    ]

    let statement: StatementText
    /// Nil where it asks for anything else.
    let need: Need?

    init(_ text: String) {
        statement = StatementText(text)
        need = Self.need(statement.tokens[...])
    }

    /// The relation as `requires` has it.
    ///
    /// - Parameters:
    ///   - need: what is asked for.
    ///   - query: the statement that reads it.
    ///   - schema: where it is if the statement does not say.
    /// - Returns: nil where its schema is not known.
    static func relation(_ need: Need?, readBy query: StatementText, else schema: String?) -> String? {
        guard case .relation(let own, let name)? = need else { return nil }
        let tokens = query.tokens
        let places = tokens.indices.filter { Self.name(tokens[$0]) == name }
        let written = places.lazy.filter { $0 > 1 && tokens[$0 - 1] == .sign(".") }.compactMap {
            Self.name(tokens[$0 - 2])
        }
        guard !places.isEmpty, let schema = own ?? written.first ?? schema else { return nil }
        return "\(spelled(schema)).\(spelled(name))"
    }

    /// `SELECT EXISTS (SELECT … FROM a_catalogue WHERE its_name = 'x')`, or `SELECT to_regclass('a.x') IS NOT NULL`.
    private static func need(_ tokens: ArraySlice<Token>) -> Need? {
        guard tokens.first == .word("select") else { return nil }
        var rest = tokens.dropFirst()
        if rest.first == .word("exists"), rest.dropFirst().first == .sign("("), let close = closing(rest) {
            guard isName(rest[(close + 1)...]) else { return nil }
            return catalogued(rest[(rest.startIndex + 2)..<close])
        }
        if rest.starts(with: [.word("pg_catalog"), .sign(".")]) { rest = rest.dropFirst(2) }
        guard rest.count >= 7, rest.starts(with: [.word("to_regclass"), .sign("(")]),
            case .text(let name) = rest[rest.startIndex + 2],
            rest.dropFirst(3).starts(with: [.sign(")"), .word("is"), .word("not"), .word("null")]),
            isName(rest.dropFirst(7))
        else { return nil }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, parts.allSatisfy({ spelled($0) == $0 }) else { return nil }
        return .relation(schema: parts.count == 2 ? parts[0] : nil, name: parts[parts.count - 1])
    }

    private static func catalogued(_ tokens: ArraySlice<Token>) -> Need? {
        guard tokens.first == .word("select"), let from = tokens.firstIndex(of: .word("from")),
            let place = tokens.firstIndex(of: .word("where")), from < place
        else { return nil }
        var path = tokens[(from + 1)..<place]
        if path.count == 3, path[path.startIndex + 1] == .sign(".") { path = path.dropFirst(2) }
        guard path.count == 1, let catalogue = path.first.flatMap(name) else { return nil }
        var values: [String: String] = [:]
        for condition in tokens[(place + 1)...].split(separator: .word("and")) {
            var words = condition
            if words.count == 5, words[words.startIndex + 1] == .sign(".") { words = words.dropFirst(2) }
            guard words.count == 3, let column = words.first.flatMap(name), words[words.startIndex + 1] == .sign("="),
                case .text(let value)? = words.last, values.updateValue(value, forKey: column) == nil
            else { return nil }
        }
        if catalogue == "pg_extension", values.count == 1, let name = values["extname"] { return .extension(name) }
        guard let keys = relations[catalogue], let name = values.removeValue(forKey: keys.name) else { return nil }
        let schema = values.removeValue(forKey: keys.schema)
        return values.isEmpty ? .relation(schema: schema, name: name) : nil
    }

    /// The parenthesis that ends the first one.
    private static func closing(_ tokens: ArraySlice<Token>) -> Int? {
        var depth = 0
        for index in tokens.indices {
            if tokens[index] == .sign("(") { depth += 1 }
            guard tokens[index] == .sign(")") else { continue }
            depth -= 1
            if depth == 0 { return index }
        }
        return nil
    }

    /// Whether nothing or the name of a column is left.
    private static func isName(_ tokens: ArraySlice<Token>) -> Bool {
        let rest = tokens.first == .word("as") ? tokens.dropFirst() : tokens
        return rest.isEmpty || rest.count == 1 && rest.first.flatMap(name) != nil
    }

    private static func name(_ token: Token) -> String? {
        switch token {
        case .word(let name), .name(let name): name
        case .text, .constant, .sign: nil
        }
    }

    /// A name as SQL has it, in quotes only where it needs them.
    private static func spelled(_ name: String) -> String {
        let isPlain = name.unicodeScalars.enumerated().allSatisfy { place, scalar in
            ("a"..."z").contains(scalar) || scalar == "_" || place > 0 && ("0"..."9").contains(scalar)
        }
        return isPlain && !name.isEmpty ? name : Identifier.quoted(name)
    }
}
