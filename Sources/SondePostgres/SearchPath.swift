/// Where names without a schema are looked up.
enum SearchPath {
    /// What a job says for what the role has by itself.
    static let byDefault = "default"
    /// The custom setting that keeps that.
    private static let own = "pgsonde.search_path"

    /// The statement that a session begins with, before any other name is looked up in it.
    ///
    /// Run again it changes nothing.
    static let first = """
        SELECT pg_catalog.set_config('\(own)', \
        coalesce(pg_catalog.current_setting('\(own)', true), pg_catalog.current_setting('search_path')), false), \
        pg_catalog.set_config('search_path', 'pg_catalog', false)
        """

    /// The statement that sets it for a transaction in a session of ours.
    static func setting(_ path: String) -> String {
        let value = path == byDefault ? "pg_catalog.current_setting('\(own)')" : quoted(path)
        return "SELECT pg_catalog.set_config('search_path', \(value), true)"
    }

    /// The statements that set it for a transaction in a session of a pooler's, which has what the role has by itself.
    static func settings(_ path: String?) -> [String] {
        guard let path else { return ["SET LOCAL search_path = 'pg_catalog'"] }
        return path == byDefault ? [] : [setting(path)]
    }

    /// A literal that means the same whatever `standard_conforming_strings` is.
    private static func quoted(_ text: String) -> String {
        var literal = ""
        for scalar in text.unicodeScalars {
            literal.unicodeScalars.append(scalar)
            if scalar == "'" || scalar == "\\" { literal.unicodeScalars.append(scalar) }
        }
        return "E'\(literal)'"
    }
}
