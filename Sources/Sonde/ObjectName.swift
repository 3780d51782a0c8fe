/// The name of a relation, a function or a schema as SQL spells it: `pg_file_settings`, `app.queue`, `"App"."Queue"`.
///
/// Read strictly, since it goes into statements: neither quotes within names nor backslashes, spaces only within quotes.
struct ObjectName: Hashable {
    /// nil where none is written; objects are then looked for in `pg_catalog`, which is all of a session's search path.
    let schema: String?
    let name: String

    /// Reads `name` or `schema.name`; nil for anything else.
    init?(_ text: some StringProtocol) {
        var scanner = WordScanner(text)
        guard let name = ObjectName(&scanner), scanner.isAtEnd else { return nil }
        self = name
    }

    /// Reads a name where a scanner stands.
    init?(_ scanner: inout WordScanner) {
        guard let first = scanner.identifier() else { return nil }
        guard scanner.take(".") else {
            schema = nil
            name = first
            return
        }
        guard let second = scanner.identifier() else { return nil }
        schema = first
        name = second
    }

    /// The schema that it is looked for in, as an SQL literal.
    var schemaLiteral: String { "'\(schema ?? "pg_catalog")'" }
    /// The name without its schema, as an SQL literal.
    var literal: String { "'\(name)'" }

    /// The FROM and WHERE that find a relation of this name in the catalogue; it is no error if there is none.
    var relation: String {
        """
        pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace \
        WHERE n.nspname = \(schemaLiteral) AND o.relname = \(literal)
        """
    }
}
