/// Which statements a session has prepared: those that come a second time.
struct PreparedStatements {
    /// How a statement is to be sent.
    enum Way {
        case once
        case prepare(String)
        case execute(String)
    }

    /// More than any sane set of collectors; text that differs each time must not pile up.
    private static let most = 1_000

    private struct Statement {
        let name: String
        /// Whether it has succeeded, so that the server surely has it.
        var isProven = false
    }

    private var seen: Set<Int> = []
    private var statements: [String: Statement] = [:]
    /// Those that failed when they were first prepared: whether the server has them is not known, and they must not pile up there.
    private var doubtful: Set<Int> = []
    private var count = 0
    /// Whether the server, or a pooler before it, was found not to keep them.
    var isOff = false

    /// The way for a statement, which is taken to be sent that way.
    mutating func way(for sql: String) -> Way {
        if isOff { return .once }
        if let statement = statements[sql] { return .execute(statement.name) }
        if doubtful.contains(sql.hashValue) { return .once }
        // Only the hash is kept: two statements with the same one merely get one of them prepared at first sight.
        guard !seen.insert(sql.hashValue).inserted else {
            if seen.count > Self.most { seen.removeAll() }
            return .once
        }
        guard statements.count < Self.most else { return .once }
        count += 1
        let name = "pgsonde_\(count)"
        statements[sql] = Statement(name: name)
        return .prepare(name)
    }

    /// Forgets a statement.
    ///
    /// - Returns: its name, if it had one.
    mutating func forget(_ sql: String) -> String? {
        statements.removeValue(forKey: sql)?.name
    }

    /// Notes that a statement succeeded.
    mutating func succeed(_ sql: String) {
        statements[sql]?.isProven = true
    }

    /// Notes that a statement failed: one that never succeeded is not prepared again.
    mutating func fail(_ sql: String) {
        guard let statement = statements[sql], !statement.isProven else { return }
        statements[sql] = nil
        if doubtful.count > Self.most { doubtful.removeAll() }
        doubtful.insert(sql.hashValue)
    }
}
