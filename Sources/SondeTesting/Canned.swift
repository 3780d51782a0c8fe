public import Sonde

/// A result that no server gave: columns, and rows of PostgreSQL's text form, nil for NULL.
///
/// ```swift
/// let canned = Canned([Rows.Column("datname"), .number("size")], rows: [["postgres", "8192"], ["empty", nil]])
/// ```
public struct Canned: Sendable, Hashable {
    /// Names and types of the columns.
    public var columns: [Rows.Column]
    /// The rows; one that is too short ends in NULLs.
    public var rows: [[String?]]

    /// Makes a result; without anything, that of a statement which returns no rows.
    public init(_ columns: [Rows.Column] = [], rows: [[String?]] = []) {
        self.columns = columns
        self.rows = rows
    }

    /// Results that fit a definition, one for each step of its plan.
    ///
    /// Every label and every metric that the server would have is there, in rows whose labels differ; every number is 1. A definition
    /// without labels has one row.
    ///
    /// - Parameters:
    ///   - definition: what the results are for.
    ///   - facts: the server.
    ///   - count: the number of rows, where rows have labels to tell them apart.
    /// - Returns: nothing where the definition does not run on such a server.
    public static func results(for definition: Definition, on facts: Facts, rows count: Int = 2) -> [Canned] {
        let plan = definition.plan(for: facts, without: [])
        guard let last = plan.steps.indices.last else { return [] }
        let planned = definition.columns.filter { column in
            definition.query != nil || plan.steps[last].sql.contains("AS \"\(column.name)\"") || column.kind == .label
                || column.kind == .info
        }
        var result = Canned()
        if definition.each {
            result.columns = [.number("pgsonde_oid"), Rows.Column("pgsonde_left_out", type: 16)]
        }
        result.columns += planned.flatMap { column in
            Self.names(column, of: definition).map { Self.column(column, $0) }
        }
        let isOneRow = !planned.contains { $0.kind == .label }
        result.rows = (0..<(isOneRow ? min(count, 1) : count)).map { row in
            (definition.each ? ["\(row + 1)", "f"] : []) + planned.flatMap { Self.cells($0, row: row) }
        }
        return plan.steps.indices.map { $0 == last ? result : Canned() }
    }

    /// The same result with NULL in every cell.
    public var nulls: Canned {
        Canned(columns, rows: rows.map { row in row.map { _ in nil } })
    }

    /// The result as a collector's reader gets it.
    public func makeRows() -> Rows {
        Rows(columns: columns, texts: rows)
    }

    /// The columns of the statement that belong to one of a definition.
    private static func names(_ column: Column, of definition: Definition) -> [String] {
        if definition.query != nil {
            // As the newest version has them.
            let parts = [column.sql] + (column.histogram.map { [$0.buckets, $0.sum, $0.count] } ?? [])
            return parts.map { $0.eras.last?.text ?? "" }
        }
        return [column.name]
            + (column.histogram == nil ? [] : ["bucket", "sum", "count"].map { "\(column.name)_\($0)" })
    }

    private static func column(_ column: Column, _ name: String) -> Rows.Column {
        switch (column.kind, column.unit) {
        case (.label, _), (.info, _), (.histogram, _), (.stateset, _): Rows.Column(name)
        case (_, .timestamp): .timestamp(name)
        default: .number(name)
        }
    }

    private static func cells(_ column: Column, row: Int) -> [String] {
        switch (column.kind, column.unit) {
        case (.label, _), (.info, _): ["\(column.name)\(row + 1)"]
        case (.stateset, _): [column.states.first ?? ""]
        case (.histogram, _): ["{1,2}", "{0,1}", "1", "1"]
        case (_, .timestamp): ["1970-01-01 00:00:01+00"]
        default: ["1"]
        }
    }
}

extension Rows.Column {
    /// A column of type `bigint`.
    public static func number(_ name: String) -> Rows.Column {
        Rows.Column(name, type: 20)
    }

    /// A column of type `boolean`, whose cells are `t` and `f`.
    public static func bool(_ name: String) -> Rows.Column {
        Rows.Column(name, type: 16)
    }

    /// A column of type `timestamp with time zone`, whose cells are like `2026-11-22 12:58:38.123456+00`.
    public static func timestamp(_ name: String) -> Rows.Column {
        Rows.Column(name, type: 1_184)
    }

    /// A column of type `interval`, whose cells are like `PT1M2.5S`.
    public static func interval(_ name: String) -> Rows.Column {
        Rows.Column(name, type: 1_186)
    }

    /// A column of type `pg_lsn`, whose cells are like `16/B374D848`.
    public static func lsn(_ name: String) -> Rows.Column {
        Rows.Column(name, type: 3_220)
    }
}
