/// What a role may do with an object, spelled as GRANT has it before its TO: `SELECT ON pg_file_settings`,
/// `EXECUTE ON FUNCTION pg_show_all_file_settings()`, `USAGE ON SCHEMA app`, `SELECT ON ALL SEQUENCES`.
///
/// A name without a schema is one of `pg_catalog`. A function is written with the types of its arguments.
public struct Privilege: Sendable, Hashable, ExpressibleByStringLiteral {
    /// What the privilege is for.
    private enum Object {
        case relation(ObjectName)
        case function(ObjectName, arguments: [String])
        case schema(String)
        case sequences
    }

    /// The text.
    public let text: String

    /// Makes a privilege of a text, which may turn out to be none: see ``isReadable``.
    public init(_ text: String) {
        self.text = text
    }

    /// Makes a privilege of a text, which may turn out to be none: see ``isReadable``.
    public init(stringLiteral value: String) {
        text = value
    }

    /// Whether the text is a privilege that can be asked for.
    public var isReadable: Bool { object != nil }

    /// Whether it is for all sequences, which GRANT only takes schema by schema.
    package var isOnAllSequences: Bool {
        if case .sequences = object { return true }
        return false
    }

    /// An SQL expression: whether the session has the privilege, NULL where there is no such object.
    ///
    /// Nil where the text is not readable. Of all sequences one is enough, for there is something to see then; see ``shortfall``.
    ///
    /// It asks the catalogues, since functions like `to_regclass` are errors where the role may not use the schema.
    package var condition: String? {
        switch object {
        case nil: nil
        case .relation(let name):
            """
            (SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(o.oid, 'SELECT') FROM \(name.relation))
            """
        case .function(let name, let arguments):
            """
            (SELECT has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(o.oid, 'EXECUTE') \
            FROM pg_proc o JOIN pg_namespace n ON n.oid = o.pronamespace \
            WHERE n.nspname = \(name.schemaLiteral) AND o.proname = \(name.literal) \
            AND oidvectortypes(o.proargtypes) = '\(arguments.joined(separator: ", "))')
            """
        case .schema(let name):
            "(SELECT has_schema_privilege(n.oid, 'USAGE') FROM pg_namespace n WHERE n.nspname = '\(name)')"
        case .sequences:
            """
            (EXISTS (SELECT FROM pg_sequence s WHERE has_sequence_privilege(s.seqrelid, 'SELECT, USAGE')) \
            OR NOT EXISTS (SELECT FROM pg_sequence))
            """
        }
    }

    /// An SQL expression: whether the session has the privilege on some of what it is for and not on the rest; nil where it is for one
    /// object.
    ///
    /// Sequences of one owner with the same grants are looked at once, since there may be very many.
    package var shortfall: String? {
        guard isOnAllSequences else { return nil }
        return """
            (SELECT bool_or(q.may) AND NOT bool_and(q.may) FROM (SELECT has_sequence_privilege(min(c.oid), 'SELECT, USAGE') AS may \
            FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid WHERE c.relpersistence <> 't' \
            GROUP BY c.relowner, c.relacl::text) q)
            """
    }

    /// What a role needs that lacks privileges, and after a colon the GRANTs.
    package static func need(_ privileges: [Privilege], _ version: Version, _ remark: String? = nil) -> String {
        var grants = privileges.map(\.grant).joined(separator: "; ")
        if version >= 14, privileges.allSatisfy(\.isToRead) {
            grants += ", or, if it may read all there is, GRANT pg_read_all_data TO it"
        }
        let names = privileges.map(\.text).joined(separator: " and ")
        return "needs \(names)\(remark.map { ", and \($0)" } ?? ""): \(grants)"
    }

    /// Whether it is for reading data.
    private var isToRead: Bool {
        switch object {
        case .relation, .sequences: true
        default: false
        }
    }

    /// What gives the privilege to a role.
    private var grant: String {
        "GRANT \(text)\(isOnAllSequences ? " IN SCHEMA each of yours" : "") TO the monitoring role"
    }

    private var object: Object? {
        var scanner = WordScanner(text)
        guard let action = scanner.word()?.uppercased(), scanner.takeSpaces(), scanner.keyword("ON"),
            scanner.takeSpaces()
        else { return nil }
        let found: Object?
        switch action {
        case "SELECT":
            if scanner.keyword("ALL") {
                return scanner.takeSpaces() && scanner.keyword("SEQUENCES") && scanner.isAtEnd ? .sequences : nil
            }
            if scanner.keyword("TABLE") { scanner.takeSpaces() }
            found = ObjectName(&scanner).map { .relation($0) }
        case "EXECUTE":
            guard scanner.keyword("FUNCTION"), scanner.takeSpaces(), let name = ObjectName(&scanner) else { return nil }
            found = Self.arguments(&scanner).map { .function(name, arguments: $0) }
        case "USAGE":
            guard scanner.keyword("SCHEMA"), scanner.takeSpaces() else { return nil }
            found = scanner.identifier().map { .schema($0) }
        default: return nil
        }
        return scanner.isAtEnd ? found : nil
    }

    /// Reads `()` or `(type, type)`, each type as `format_type` prints it or by a common short name.
    private static func arguments(_ scanner: inout WordScanner) -> [String]? {
        guard scanner.take("(") else { return nil }
        var types: [String] = []
        scanner.takeSpaces()
        if scanner.take(")") { return types }
        repeat {
            scanner.takeSpaces()
            guard var type = scanner.word()?.lowercased() else { return nil }
            if scanner.take(".") {
                guard let name = scanner.word()?.lowercased() else { return nil }
                type = type == "pg_catalog" ? name : "\(type).\(name)"
            }
            while scanner.takeSpaces(), let more = scanner.word() { type += " \(more.lowercased())" }
            let array = scanner.take("[")
            if array, !scanner.take("]") { return nil }
            scanner.takeSpaces()
            types.append((shortNames[type] ?? type) + (array ? "[]" : ""))
        } while scanner.take(",")
        return scanner.take(")") ? types : nil
    }

    private static let shortNames = [
        "bool": "boolean", "int": "integer", "int2": "smallint", "int4": "integer", "int8": "bigint",
        "float4": "real", "float8": "double precision", "varchar": "character varying", "decimal": "numeric",
        "timestamp": "timestamp without time zone", "timestamptz": "timestamp with time zone",
    ]
}
