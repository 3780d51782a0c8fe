/// SQL that remembers where each column's expression stands.
struct SpannedText {
    private var sql = ""
    private var length = 0
    private var spans: [Step.Span] = []

    init(_ text: String) {
        add(text)
    }

    func step(searchPath: String? = nil) -> Step { Step(sql, spans: spans, searchPath: searchPath) }

    mutating func add(_ text: String) {
        sql += text
        // PostgreSQL counts positions in characters, which are code points.
        length += text.unicodeScalars.count
    }

    /// Adds a column's expression, and what a comment at its end needs so that more may follow.
    mutating func add(_ text: String, of column: String) {
        let start = length
        add(Query.closed(text))
        spans.append(Step.Span(column: column, range: start..<length))
    }

    /// Adds a whole statement with its columns' expressions.
    ///
    /// - Returns: where it stands.
    mutating func add(_ step: Step) -> Range<Int> {
        let start = length
        add(step.sql)
        spans += step.spans.map {
            Step.Span(column: $0.column, range: $0.range.lowerBound + start..<$0.range.upperBound + start)
        }
        return start..<length
    }
}
