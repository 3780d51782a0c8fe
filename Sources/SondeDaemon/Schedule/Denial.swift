import Sonde

/// What a server did not allow (42501), and the rights that mend it.
///
/// The server names one object, in its own language, and has no position for it. So every word of the statement and of what the server
/// said is looked up in the catalogues, with what the role may not do with it. The system's own schemas are open to all, or to nobody.
struct Denial {
    /// The name of the lookup's column.
    static let column = "privilege"

    private let words: String

    /// Takes in a statement that was refused, and what the server said of it.
    init(_ step: Step, _ message: String) {
        let names = Self.names(ofStatement: step.sql).union(Self.names(in: "\(step.searchPath ?? "") \(message)"))
        words = names.sorted().map { Identifier.literal($0) }.joined(separator: ", ")
    }

    /// The statement that finds what is lacking, each spelled as ``Privilege`` has it; nothing of it can be refused.
    var sql: String {
        """
        WITH words AS (SELECT unnest(ARRAY[\(words)]::text[]) AS word),
        schemas AS (SELECT n.oid, n.nspname, CASE n.nspname WHEN 'pg_catalog' THEN '' ELSE quote_ident(n.nspname) || '.' END AS prefix
        FROM pg_namespace n WHERE n.nspname = 'pg_catalog' OR n.nspname IN (SELECT word FROM words))
        SELECT 'USAGE ON SCHEMA ' || quote_ident(s.nspname) AS \(Self.column) FROM schemas s
        WHERE NOT has_schema_privilege(s.oid, 'USAGE') AND s.nspname !~ '^(pg_|information_schema$)'
        UNION ALL SELECT 'SELECT ON ' || s.prefix || quote_ident(c.relname)
        FROM pg_class c JOIN schemas s ON s.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND c.relname IN (SELECT word FROM words)
        AND NOT has_any_column_privilege(c.oid, 'SELECT')
        UNION ALL SELECT 'EXECUTE ON FUNCTION ' || s.prefix || quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')'
        FROM pg_proc p JOIN schemas s ON s.oid = p.pronamespace
        WHERE p.proname IN (SELECT word FROM words) AND NOT has_function_privilege(p.oid, 'EXECUTE')
        ORDER BY 1
        """
    }

    /// The names that a statement may hold; a text names nothing, unless it is all that a function is called with or is cast to the name
    /// of an object.
    static func names(ofStatement sql: String) -> Set<String> {
        let tokens = StatementText(sql).tokens
        var names: Set<String> = []
        for (index, token) in tokens.enumerated() {
            let before = index > 0 ? tokens[index - 1] : nil
            let rest = Array(tokens[(index + 1)...].prefix(3))
            switch token {
            case .word(let name), .name(let name): names.insert(name)
            case .text(let text) where before == .sign("(") && rest.first == .sign(")"):
                names.formUnion(Self.names(in: text))
            case .text(let text) where rest.prefix(2) == [.sign(":"), .sign(":")]:
                if case .word(let type)? = rest.last, type.hasPrefix("reg") { names.formUnion(Self.names(in: text)) }
            case .text, .constant, .sign: break
            }
        }
        return names
    }

    /// The names that a text may hold: words in small letters, and whatever stands in quotes.
    static func names(in text: String) -> Set<String> {
        var names: Set<String> = []
        for (index, part) in text.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
            if index % 2 == 1 {
                names.insert(String(part))
                continue
            }
            let words = part.split { !($0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" || $0 == "$") }
            names.formUnion(words.filter { $0.first?.isNumber == false }.map { $0.lowercased() })
        }
        return names
    }
}
