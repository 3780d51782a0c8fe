/// What a collector wants to run against a server with certain facts.
public enum Plan: Sendable, Hashable {
    /// Each of these once, in this order.
    case steps([Step])
    /// `first` once, then `page` again and again while its last step returns `size` rows.
    case pages(size: Int, first: [Step], page: [Step])
    /// Nothing, for a reason that is a state and no error.
    case skip(Skip)

    /// All steps, those of a page once.
    public var steps: [Step] {
        switch self {
        case .steps(let steps): steps
        case .pages(_, let first, let page): first + page
        case .skip: []
        }
    }
}

/// Why a collector has nothing to run.
public enum Skip: Sendable, Hashable {
    /// The server's version has none of its columns.
    case version
    /// It is for primaries and this is a standby, or the other way round.
    case role
    /// Something is missing; the text says what, and what to do.
    case unavailable(String)
}

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

    /// Makes a step.
    public init(_ sql: String, spans: [Span] = []) {
        self.sql = sql
        self.spans = spans
    }

    /// The column that an error's position falls in.
    ///
    /// - Parameter position: as PostgreSQL reports it: in characters, from 1.
    public func column(at position: Int) -> String? {
        spans.first { $0.range.contains(position - 1) }?.column
    }
}
