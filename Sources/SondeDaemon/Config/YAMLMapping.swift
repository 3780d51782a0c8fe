/// The entries of a mapping whose keys are all known.
struct YAMLMapping {
    /// Where the mapping begins.
    let node: YAMLNode
    private let entries: [String: YAMLNode]

    init(_ node: YAMLNode, _ entries: [YAMLNode.Entry]) {
        self.node = node
        self.entries = Dictionary(
            entries.map { ($0.key.text ?? "", $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The value of a key; nil where the key is not there.
    subscript(key: String) -> YAMLNode? {
        entries[key]
    }
}
