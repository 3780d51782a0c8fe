import Sonde
import SondePostgres

/// What to do about an error of the server's, with the names that it has.
struct Advice {
    let connection: Connection
    let timeout: Duration

    /// A sentence.
    func text(for error: PostgresError) async -> String {
        switch error.sqlstate {
        case "42P01" where error.message.contains("FROM-clause"):
            return error.hint ?? "write one of the tables, or their short names, that from has"
        case "42P01":
            let name = error.message.split(separator: "\"").dropFirst().first.map(String.init)
            return await nearest(to: name, Self.relations)
                ?? "create it, write its schema, or name what must be there under requires: relations"
        case "42883":
            let name = error.message.split(separator: " ").dropFirst().first?.prefix { $0 != "(" }
            return await nearest(
                to: name.map(String.init),
                """
                SELECT DISTINCT quote_ident(n.nspname) || '.' || quote_ident(p.proname) AS name, n.nspname = 'pg_catalog' \
                FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace ORDER BY 2, 1 LIMIT 20000
                """) ?? error.hint ?? "check its name and the types of what it is given, and write its schema"
        case "42501":
            return "grant it to pgsonde's role, and name it under requires: privileges"
        case "42703":
            return error.hint ?? "check the column's name; by version it is sql: {13: old_name, 17: new_name}"
        case "42601":
            return error.hint ?? "mend the SQL here"
        case "42803":
            return error.hint ?? "write group: true, and aggregates for gauges and counters"
        default:
            return error.hint ?? "mend it (SQLSTATE \(error.sqlstate ?? "none"))"
        }
    }

    /// What was meant by something that is required and not there; nil where nothing is like it.
    func text(for lack: Lack) async -> String? {
        await nearest(to: lack.name, lack.kind == .relation ? Self.relations : lack.kind.rawValue)
    }

    private static let relations = """
        SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name FROM pg_class c \
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') \
        AND n.nspname NOT LIKE 'pg\\_toast%' ORDER BY n.nspname = 'pg_catalog', 1 LIMIT 20000
        """

    /// Names the thing that was meant: of the same name elsewhere, or of one like it.
    private func nearest(to name: String?, _ sql: String) async -> String? {
        guard let name, !name.isEmpty else { return nil }
        let sink = TextSink(column: "name")
        let job = Job(step: 0, sql: sql, collector: "names", timeout: timeout, prepared: false)
        _ = await connection.run([job], into: sink)
        // It is there, and lacks something else.
        guard !sink.texts.contains(name) else { return nil }
        let bare = { (name: String) in name.split(separator: ".").last.map(String.init) ?? name }
        // Of PostgreSQL's own the schema can be left out.
        let names = sink.texts.map { $0.hasPrefix("pg_catalog.") ? bare($0) : $0 }.filter { $0 != name }
        let wanted = bare(name)
        let same = names.first { bare($0) == wanted }
        let near =
            same ?? Spelling.nearest(name, among: names)
            ?? Spelling.nearest(wanted, among: names.map(bare)).flatMap { found in names.first { bare($0) == found } }
        return near.map { "did you mean \($0)?" }
    }
}
