/// What a collector wants to know of a server and its database, beyond what ``Facts`` always tell.
///
/// All of it is asked in one statement before each batch, and nothing of it can be an error.
public struct Questions: Sendable, Hashable {
    /// Whether the session has these privileges: ``Facts/privileges``.
    public var privileges: Set<Privilege>
    /// The values of these settings: ``Facts/settings``.
    public var settings: Set<String>
    /// Whether these relations are there: ``Facts/relations``.
    public var relations: Set<String>

    /// Makes questions.
    public init(privileges: Set<Privilege> = [], settings: Set<String> = [], relations: Set<String> = []) {
        self.privileges = privileges
        self.settings = settings
        self.relations = relations
    }

    /// These questions and others.
    public func union(_ other: Questions) -> Questions {
        Questions(
            privileges: privileges.union(other.privileges), settings: settings.union(other.settings),
            relations: relations.union(other.relations))
    }

    /// What cannot be asked, one line each.
    public var problems: [String] {
        privileges.filter { !$0.isReadable }.map(\.text).sorted().map {
            """
            "\($0)" is not a privilege that can be asked for: write it as GRANT has it, SELECT ON schema.relation, \
            EXECUTE ON FUNCTION schema.name(types) or USAGE ON SCHEMA name
            """
        }
            + settings.filter { !Self.isSetting($0) }.sorted().map { "\"\($0)\" is not the name of a setting" }
            + relations.filter { ObjectName($0) == nil }.sorted().map { "\"\($0)\" is not the name of a relation" }
    }

    /// The SELECTs that answer them, each of four texts: kind, name, value, and whether a privilege is there for some objects only.
    ///
    /// What cannot be asked is left out.
    package var selects: [String] {
        var selects: [String] = []
        for privilege in privileges.sorted(by: { $0.text < $1.text }) {
            guard let condition = privilege.condition else { continue }
            let more = privilege.shortfall.map { "\($0)::text" } ?? "NULL"
            selects.append("SELECT 'privilege', '\(privilege.text)', \(condition)::text, \(more)")
        }
        let settings = settings.filter(Self.isSetting).sorted().map { "'\($0)'" }.joined(separator: ", ")
        if !settings.isEmpty {
            selects.append("SELECT 'setting', name, setting, NULL FROM pg_settings WHERE name IN (\(settings))")
        }
        for relation in relations.sorted() {
            guard let name = ObjectName(relation) else { continue }
            selects.append("SELECT 'relation', '\(relation)', NULL, NULL FROM \(name.relation)")
        }
        return selects
    }

    private static func isSetting(_ name: String) -> Bool {
        var scanner = WordScanner(name)
        guard scanner.word() != nil else { return false }
        return scanner.isAtEnd || scanner.take(".") && scanner.word() != nil && scanner.isAtEnd
    }
}
