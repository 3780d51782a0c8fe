/// A family, and SQL that says what it must show.
struct TruthCase: Sendable {
    let family: String
    /// The labels that the columns of the SQL, all but the last, are the values of.
    let labels: [String]
    let sql: String
    /// The first and the last major that show it.
    var majors: ClosedRange<Int> = 13...99
    var database = "postgres"
    /// Where it is shown: nil for primaries and standbys.
    var onStandby: Bool?
    /// Whether the SQL gives every sample of the family, or only some.
    var isWhole = true

    /// A family without labels.
    static func one(
        _ family: String, _ expression: String, majors: ClosedRange<Int> = 13...99, onStandby: Bool? = nil
    ) -> TruthCase {
        TruthCase(family: family, labels: [], sql: "SELECT \(expression)", majors: majors, onStandby: onStandby)
    }

    /// Families that are columns of one view: suffix of the family's name and expression.
    static func view(
        _ prefix: String, _ labels: [(name: String, sql: String)], _ from: String, majors: ClosedRange<Int> = 13...99,
        database: String = "postgres", onStandby: Bool? = nil, isWhole: Bool = true, _ columns: [String: String]
    ) -> [TruthCase] {
        columns.sorted { $0.key < $1.key }.map { suffix, expression in
            TruthCase(
                family: "pg_\(prefix)_\(suffix)", labels: labels.map(\.name),
                sql: "SELECT \((labels.map(\.sql) + [expression]).joined(separator: ", ")) FROM \(from)",
                majors: majors, database: database, onStandby: onStandby, isWhole: isWhole)
        }
    }

    /// The columns as they are, as counters.
    static func counters(_ columns: String...) -> [String: String] {
        var result: [String: String] = [:]
        for column in columns { result["\(column)_total"] = column }
        return result
    }

    /// The columns as they are, as gauges.
    static func gauges(_ columns: String...) -> [String: String] {
        var result: [String: String] = [:]
        for column in columns { result[column] = column }
        return result
    }

    /// Columns of milliseconds, as counters of seconds.
    static func times(_ columns: String...) -> [String: String] {
        var result: [String: String] = [:]
        for column in columns { result["\(column)_seconds_total"] = "\(column) / 1000.0" }
        return result
    }

    /// Columns that are points in time.
    static func timestamps(_ columns: [String: String]) -> [String: String] {
        var result: [String: String] = [:]
        for (name, column) in columns { result["\(name)_timestamp_seconds"] = "extract(epoch FROM \(column))" }
        return result
    }
}
