import Sonde

/// What the planner says of a statement, as `EXPLAIN (FORMAT YAML, VERBOSE)` prints it.
struct QueryPlan {
    /// A relation that is read whole.
    struct Scan: Hashable {
        let schema: String
        let relation: String
    }

    /// The statement that asks for it.
    static func question(_ sql: String) -> String {
        "EXPLAIN (FORMAT YAML, VERBOSE) \(sql)"
    }

    /// Relations that are read whole.
    private(set) var scans: [Scan] = []

    /// Reads a plan; what cannot be read has nothing to say.
    init(_ text: String) {
        // Deep plans are deeper than a file of ours may be.
        let documents = try? YAMLParser.documents(in: Array(text.utf8), file: "plan")
        for document in documents ?? [] { look(at: document) }
    }

    private mutating func look(at node: YAMLNode) {
        switch node.content {
        case .scalar: break
        case .sequence(let items): for item in items { look(at: item) }
        case .mapping(let entries):
            let text = { (key: String) in entries.first { $0.key.text == key }?.value.text }
            if text("Node Type") == "Seq Scan", let relation = text("Relation Name"), let schema = text("Schema") {
                scans.append(Scan(schema: schema, relation: relation))
            }
            for entry in entries { look(at: entry.value) }
        }
    }
}
