/// One statement, and which of its text belongs to which column.
public struct Step: Sendable, Hashable {
    /// A column's expression within the statement, in characters.
    public struct Span: Sendable, Hashable {
        /// The column's name; `from` for the FROM clause.
        public let column: String
        /// Where its text stands, counted in characters from 0.
        public let range: Range<Int>

        /// Makes a span.
        public init(column: String, range: Range<Int>) {
            self.column = column
            self.range = range
        }
    }

    /// One SQL statement.
    public let sql: String
    /// Where each column's expression stands, so that an error's position names the column at fault.
    public let spans: [Span]
    /// What `search_path` is while it runs; nil for `pg_catalog` alone.
    ///
    /// See ``Definition/searchPath``.
    public let searchPath: String?

    /// Makes a step.
    public init(_ sql: String, spans: [Span] = [], searchPath: String? = nil) {
        self.sql = sql
        self.spans = spans
        self.searchPath = searchPath
    }

    /// The statement that has the server look at this one without running it.
    public var explanation: String {
        sql.hasPrefix("EXPLAIN ") ? sql : "EXPLAIN \(sql)"
    }

    /// The statement that has the server look at the FROM by itself; nil where there are no columns beside it.
    package var sourceExplanation: Step? {
        guard let from = spans.first(where: { $0.column == "from" }), spans.count > 1 else { return nil }
        let text = Substring.UnicodeScalarView(
            sql.unicodeScalars.dropFirst(from.range.lowerBound).prefix(from.range.count))
        return Step("EXPLAIN SELECT FROM \(Substring(text))", searchPath: searchPath)
    }

    /// The column that an error's position falls in.
    ///
    /// - Parameter position: as PostgreSQL reports it: in characters, from 1.
    /// - Returns: nil where it falls in none, for the server finds fault with what we wrote around them.
    public func column(at position: Int) -> String? {
        spans.first { $0.range.contains(position - 1) }?.column
    }
}
