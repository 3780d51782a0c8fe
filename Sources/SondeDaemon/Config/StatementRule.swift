import Sonde

/// What the SQL of a file must be: one statement, which reads.
///
/// The transaction that it runs in only reads; a second statement, or one that ends the transaction, could leave it.
enum StatementRule {
    /// What a query may begin with.
    private static let verbs = ["select", "with", "values", "table", "show"]

    /// Everything that is wrong.
    ///
    /// - Returns: what is meant, `from` or the name of a column of the statement, and what is wrong with it.
    static func problems(of definition: Definition) -> [(place: String, message: String)] {
        var problems: [(place: String, message: String)] = []
        for era in definition.query?.eras ?? [] {
            guard let text = era.text else { continue }
            let verbs = definition.kind == .pgbouncer ? ["show"] : verbs
            switch StatementText(text).tokens.first {
            case .word(let word)? where verbs.contains(word): break
            case .sign("(")? where definition.kind != .pgbouncer: break
            default:
                problems.append(
                    ("from", "query must begin with \(verbs.map { $0.uppercased() }.joined(separator: " or "))"))
            }
        }
        var texts = [("from", definition.query), ("from", definition.from), ("limit", definition.limit?.since)]
        texts += definition.columns.flatMap(\.parts).map { ($0.name, $0.sql) }
        for (place, sql) in texts
        where sql?.eras.contains(where: { $0.text.map { StatementText($0).hasMore } ?? false }) == true {
            problems.append((place, "what follows the semicolon is a second statement: keep one"))
        }
        return problems
    }
}
