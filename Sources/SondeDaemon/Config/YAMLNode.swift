/// A piece of YAML and where it stands.
struct YAMLNode: Sendable, Hashable {
    /// A key and its value, in the order of the file.
    struct Entry: Sendable, Hashable {
        /// A scalar.
        let key: YAMLNode
        let value: YAMLNode
    }

    enum Content: Sendable, Hashable {
        /// A text without its quotes; plain if it had none, and then it may mean a number, true, false or null.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    let content: Content
    /// The line that it begins in, from 1; 0 where it comes from no file.
    var line = 0
    /// The column that it begins in, in characters, from 1.
    var column = 0

    /// A text that is nothing but a text.
    static func text(_ text: String) -> YAMLNode {
        YAMLNode(content: .scalar(text, isPlain: false))
    }

    /// A number, `true`, `false`, `null` or a word that is none of them.
    static func plain(_ text: String) -> YAMLNode {
        YAMLNode(content: .scalar(text, isPlain: true))
    }

    /// A mapping whose keys need no quotes.
    static func mapping(_ entries: [(String, YAMLNode)]) -> YAMLNode {
        YAMLNode(content: .mapping(entries.map { Entry(key: .plain($0.0), value: $0.1) }))
    }

    /// The scalar's text; nil for null, sequences and mappings.
    var text: String? {
        guard case .scalar(let text, _) = content, !isNull else { return nil }
        return text
    }

    /// The first key or value in it that is a certain text.
    func scalar(_ wanted: String) -> YAMLNode? {
        switch content {
        case .scalar: text == wanted ? self : nil
        case .sequence(let items): items.lazy.compactMap { $0.scalar(wanted) }.first
        case .mapping(let entries):
            entries.lazy.compactMap { $0.key.scalar(wanted) ?? $0.value.scalar(wanted) }.first
        }
    }

    /// Whether it says null: `null`, `~` or nothing at all.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What it is, for a sentence.
    var kind: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
