import Sonde

/// Expressions over the columns of a subquery `q` for what other exporters compute by themselves.
enum ForeignSQL {
    /// A column of the subquery.
    static func column(_ name: String) -> String {
        "q.\(Identifier.quoted(name))"
    }

    static func literal(_ text: String) -> String {
        String(Identifier.literal(text).trimmingPrefix(" "))
    }

    /// The numbers that stand for texts; NULL for any other text.
    static func mapped(_ name: String, _ values: [(text: String, number: String)]) -> String {
        let cases = values.map { " WHEN \(literal($0.text)) THEN \(number($0.number))" }
        return "CASE \(column(name))::text\(cases.joined()) END"
    }

    /// Whole milliseconds of a text such as `1m30s`, or a number as it is; NULL for anything else.
    static func milliseconds(_ name: String) -> String {
        let text = "\(column(name))::text"
        return """
            CASE WHEN \(text) ~ '^-?([0-9.]+(h|m|s|ms|us))+$' THEN trunc(extract(epoch FROM \(text)::interval) * 1000)
                WHEN \(text) ~ '^[0-9.]+$' THEN \(text)::numeric END
            """
    }

    /// A number times another, and one in place of NULL.
    static func scaled(_ name: String, in unit: Sonde.Unit, by scale: String?, or fill: String?) -> String {
        let isTime = unit == .timestamp || unit == .seconds
        let shown = isTime ? "extract(epoch FROM \(column(name)))" : column(name)
        let value = scale.map { "\(shown) * \(number($0))" } ?? shown
        return fill.map { "coalesce(\(value), \($0))" } ?? value
    }

    /// Counts rows by how large their values are: arrays of bounds and counts, sums and counts, for each set of labels.
    static func snapshot(
        of body: String, _ values: [(column: String, bounds: [String])], by labels: [String]
    ) -> String {
        var list = labels.map(column)
        for (name, bounds) in values {
            let counts = bounds.map { "count(*) FILTER (WHERE \(column(name)) <= \($0))" }
            list += [
                "ARRAY[\(bounds.joined(separator: ", "))]::float8[] AS \(Identifier.quoted(name))",
                "ARRAY[\(counts.joined(separator: ", "))]::bigint[] AS \(Identifier.quoted("\(name)_bucket"))",
                "coalesce(sum(\(column(name))), 0) AS \(Identifier.quoted("\(name)_sum"))",
                "count(\(column(name))) AS \(Identifier.quoted("\(name)_count"))",
            ]
        }
        let group = labels.isEmpty ? "" : "\nGROUP BY \(labels.map(column).joined(separator: ", "))"
        return "SELECT \(list.joined(separator: ",\n  "))\nFROM (\n\(body)\n) AS q\(group)"
    }

    /// A row for each of several values, with the value's name as a label.
    static func unpivoted(_ body: String, _ values: [String], label: String) -> String {
        let rows = values.map { "(\(literal($0)), \(column($0))::float8)" }.joined(separator: ", ")
        return "SELECT q.*, v.*\nFROM (\n\(body)\n) AS q\n"
            + "CROSS JOIN LATERAL (VALUES \(rows)) AS v (\(Identifier.quoted(label)), shown_value)"
    }

    /// A number as SQL has it, which knows none that begins with a point or a plus.
    static func number(_ text: String) -> String {
        "'\(text)'::float8"
    }
}
