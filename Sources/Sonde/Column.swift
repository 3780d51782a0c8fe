/// One column of a definition: a label, or a metric and the SQL expression that it comes from.
public struct Column: Sendable, Hashable {
    /// What becomes of the column's cells.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A label of every metric of the definition.
        case label
        /// A number that goes up and down.
        case gauge
        /// A number that only grows.
        case counter
        /// A number of which nobody says how it behaves.
        case untyped
        /// Counts of how often a number was how large; ``Column/histogram`` has the rest of it.
        case histogram
        /// A label of the definition's one constant metric, `<prefix>_info`.
        case info
        /// Which of several states something is in; ``Column/states`` has them.
        case stateset

        /// Whether such a column is a metric of its own.
        public var isMetric: Bool {
            switch self {
            case .label, .info: false
            case .gauge, .counter, .untyped, .histogram, .stateset: true
            }
        }
    }

    /// What a histogram needs beside its upper bounds, which are the column's ``Column/sql``.
    public struct Histogram: Sendable, Hashable {
        /// An array: for each bound, how many were at most as large.
        public let buckets: SQL
        /// The sum of all, in the column's unit.
        public let sum: SQL
        /// How many there were.
        public let count: SQL

        /// Makes what a histogram needs.
        public init(buckets: SQL, sum: SQL, count: SQL) {
            self.buckets = buckets
            self.sum = sum
            self.count = count
        }
    }

    /// What becomes of the column's cells.
    public let kind: Kind
    /// The label's name, or what follows the definition's prefix in the metric's name.
    public let name: String
    /// The expression, by version where it changed.
    public let sql: SQL
    /// The unit that PostgreSQL counts in.
    public let unit: Unit
    /// One sentence that names the view and column; empty for labels.
    public let help: String
    /// The metric's whole name, where it is not made of the definition's prefix and ``name``.
    public let metric: String?
    /// What there is beside the upper bounds of a histogram; nil for other kinds.
    public let histogram: Histogram?
    /// The states that there are of a state set, by the texts that the expression gives; empty for other kinds.
    public let states: [String]
    /// What becomes of a gauge's values in rows that a ``Limit`` leaves without a name.
    public let other: Fold

    /// Makes a column.
    public init(
        _ kind: Kind, _ name: String, _ sql: SQL, in unit: Unit = .count, help: String = "", metric: String? = nil,
        histogram: Histogram? = nil, other: Fold = .none, states: [String] = []
    ) {
        self.kind = kind
        self.name = name
        self.sql = sql
        self.unit = unit
        self.help = help
        self.metric = metric
        self.histogram = histogram
        self.other = other
        self.states = states
    }

    /// Whether its cells are one number each.
    package var isNumber: Bool {
        switch kind {
        case .gauge, .counter, .untyped: true
        case .label, .info, .histogram, .stateset: false
        }
    }

    /// The columns of the statement that this one needs: itself, and three more for a histogram.
    package var parts: [(name: String, sql: SQL)] {
        guard let histogram else { return [(name, sql)] }
        return [
            (name, sql), ("\(name)_bucket", histogram.buckets), ("\(name)_sum", histogram.sum),
            ("\(name)_count", histogram.count),
        ]
    }

    /// A label of every metric of the definition; NULL is the empty string.
    public static func label(_ name: String, _ sql: SQL) -> Column {
        Column(.label, name, sql)
    }

    /// A number that goes up and down; NULL is no sample.
    ///
    /// `other` says what becomes of the values of rows that a ``Limit`` leaves without a name.
    public static func gauge(
        _ name: String, _ sql: SQL, in unit: Unit = .count, other: Fold = .none, help: String, metric: String? = nil
    ) -> Column {
        Column(.gauge, name, sql, in: unit, help: help, metric: metric, other: other)
    }

    /// A number that only grows; NULL is no sample.
    public static func counter(
        _ name: String, _ sql: SQL, in unit: Unit = .count, help: String, metric: String? = nil
    ) -> Column {
        Column(.counter, name, sql, in: unit, help: help, metric: metric)
    }

    /// A number of which nobody says how it behaves; NULL is no sample.
    public static func untyped(
        _ name: String, _ sql: SQL, in unit: Unit = .count, help: String, metric: String? = nil
    ) -> Column {
        Column(.untyped, name, sql, in: unit, help: help, metric: metric)
    }

    /// Counts of how often a number was how large; no sample where one of the four is NULL.
    ///
    /// Rows of bounds and counts become arrays by `array_agg`.
    ///
    /// - Parameters:
    ///   - name: what follows the definition's prefix in the metric's name.
    ///   - bounds: an array of upper bounds in the unit, ascending, without infinity.
    ///   - buckets: an array as long: how many were at most as large as each bound.
    ///   - sum: the sum of all, in the unit.
    ///   - count: how many there were.
    ///   - unit: the unit that PostgreSQL counts in.
    ///   - help: one sentence.
    ///   - metric: the metric's whole name, where it is not made of prefix and name.
    /// - Returns: the column.
    public static func histogram(
        _ name: String, bounds: SQL, buckets: SQL, sum: SQL, count: SQL, in unit: Unit = .count, help: String,
        metric: String? = nil
    ) -> Column {
        Column(
            .histogram, name, bounds, in: unit, help: help, metric: metric,
            histogram: Histogram(buckets: buckets, sum: sum, count: count))
    }

    /// A label of the constant metric `<prefix>_info`, whose help is the definition's.
    public static func info(_ name: String, _ sql: SQL) -> Column {
        Column(.info, name, sql)
    }

    /// Which of several states something is in: a sample for each state, 1 for the one that it is in and 0 for the others.
    ///
    /// The label that names the state has the column's name. NULL is no sample; a state that is not among them is none, and is counted.
    ///
    /// - Parameters:
    ///   - name: what follows the definition's prefix in the metric's name; also the label's.
    ///   - states: the states that there are, as the expression gives them.
    ///   - sql: the expression.
    ///   - help: one sentence.
    ///   - metric: the metric's whole name, where it is not made of prefix and name.
    /// - Returns: the column.
    public static func stateset(
        _ name: String, _ states: [String], _ sql: SQL, help: String, metric: String? = nil
    ) -> Column {
        Column(.stateset, name, sql, help: help, metric: metric, states: states)
    }

    /// Counts of how large an expression is in the rows of each group: how things stand now, and not since the beginning.
    ///
    /// The definition groups its rows, or has no label.
    ///
    /// - Parameters:
    ///   - name: what follows the definition's prefix in the metric's name.
    ///   - value: the expression, a number in the unit.
    ///   - bounds: upper bounds in the unit, ascending.
    ///   - unit: the unit that the expression counts in.
    ///   - help: one sentence.
    ///   - metric: the metric's whole name, where it is not made of prefix and name.
    /// - Returns: the column.
    public static func snapshot(
        _ name: String, _ value: SQL, bounds: [Double], in unit: Unit = .count, help: String, metric: String? = nil
    ) -> Column {
        func map(_ text: (String) -> String) -> SQL {
            SQL(
                value.eras.map { era in SQL.Era(since: era.since, text: era.text.map { text("(\(Query.closed($0)))") })
                })
        }
        let list = bounds.map { "\($0)" }
        return .histogram(
            name, bounds: map { _ in "ARRAY[\(list.joined(separator: ", "))]::float8[]" },
            buckets: map { value in
                "ARRAY[\(list.map { "count(*) FILTER (WHERE \(value) <= \($0))" }.joined(separator: ", "))]::bigint[]"
            }, sum: map { "coalesce(sum(\($0)), 0)" }, count: map { "count(\($0))" }, in: unit, help: help,
            metric: metric)
    }
}
