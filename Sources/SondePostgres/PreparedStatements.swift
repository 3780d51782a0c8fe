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

    private var seen: Set<Int> = []
    private var names: [String: String] = [:]
    private var count = 0
    /// Whether the server, or a pooler before it, was found not to keep them.
    var isOff = false

    /// The way for a statement, which is taken to be sent that way.
    mutating func way(for sql: String) -> Way {
        if isOff { return .once }
        if let name = names[sql] { return .execute(name) }
        // Only the hash is kept: two statements with the same one merely get one of them prepared at first sight.
        guard !seen.insert(sql.hashValue).inserted else {
            if seen.count > Self.most { seen.removeAll() }
            return .once
        }
        guard names.count < Self.most else { return .once }
        count += 1
        let name = "pgsonde_\(count)"
        names[sql] = name
        return .prepare(name)
    }

    /// Forgets a statement.
    ///
    /// - Returns: its name, if it had one.
    mutating func forget(_ sql: String) -> String? {
        names.removeValue(forKey: sql)
    }
}
