/// Expressions over the columns of a subquery `q` for what other exporters compute by themselves.
enum ForeignSQL {
    /// A column of the subquery.
    static func column(_ name: String) -> String {
        "q.\"\(name.replacing("\"", with: "\"\""))\""
    }

    static func literal(_ text: String) -> String {
        let quoted = text.replacing("'", with: "''")
        return text.contains("\\") ? "E'\(quoted.replacing("\\", with: "\\\\"))'" : "'\(quoted)'"
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

    /// A number as SQL has it, which knows none that begins with a point or a plus.
    static func number(_ text: String) -> String {
        "'\(text)'::float8"
    }
}
