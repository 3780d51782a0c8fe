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
        /// A label of the definition's one constant metric, `<prefix>_info`.
        case info
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

    /// Makes a column.
    public init(_ kind: Kind, _ name: String, _ sql: SQL, in unit: Unit = .count, help: String = "") {
        self.kind = kind
        self.name = name
        self.sql = sql
        self.unit = unit
        self.help = help
    }

    /// A label of every metric of the definition; NULL is the empty string.
    public static func label(_ name: String, _ sql: SQL) -> Column {
        Column(.label, name, sql)
    }

    /// A number that goes up and down; NULL is no sample.
    public static func gauge(_ name: String, _ sql: SQL, in unit: Unit = .count, help: String) -> Column {
        Column(.gauge, name, sql, in: unit, help: help)
    }

    /// A number that only grows; NULL is no sample.
    public static func counter(_ name: String, _ sql: SQL, in unit: Unit = .count, help: String) -> Column {
        Column(.counter, name, sql, in: unit, help: help)
    }

    /// A label of the constant metric `<prefix>_info`, whose help is the definition's.
    public static func info(_ name: String, _ sql: SQL) -> Column {
        Column(.info, name, sql)
    }
}
