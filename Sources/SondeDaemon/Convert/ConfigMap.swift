/// A ConfigMap or Secret of Kubernetes, in whose texts CloudNativePG keeps queries.
enum ConfigMap {
    /// Whether a document is one.
    static func isOne(_ document: YAMLNode) -> Bool {
        ["ConfigMap", "Secret"].contains(value("kind", of: document)?.text)
    }

    /// Whether a document is an object of Kubernetes', of whatever kind.
    static func isObject(_ document: YAMLNode) -> Bool {
        value("kind", of: document) != nil && value("apiVersion", of: document) != nil
    }

    /// The queries of all its texts, each where it stands in the file.
    ///
    /// - Throws: what is wrong in one of the texts.
    static func queries(in document: YAMLNode, file: String) throws(FileProblems) -> YAMLNode {
        var entries: [YAMLNode.Entry] = []
        for part in ["data", "stringData"] {
            guard case .mapping(let texts)? = value(part, of: document)?.content else { continue }
            for text in texts {
                let inner: [YAMLNode]
                do {
                    inner = try YAMLParser.documents(in: Array((text.value.text ?? "").utf8), file: file)
                } catch {
                    throw FileProblems(
                        problems: error.problems.map { problem in
                            // The text begins in the line after its key.
                            FileProblem(
                                problem.file, line: problem.line.map { $0 + text.value.line }, column: problem.column,
                                problem.message)
                        })
                }
                for document in inner {
                    if case .mapping(let found) = document.content {
                        entries += found.map {
                            YAMLNode.Entry(
                                key: moved($0.key, by: text.value.line), value: moved($0.value, by: text.value.line))
                        }
                    }
                }
            }
        }
        return YAMLNode(content: .mapping(entries), line: document.line, column: document.column)
    }

    private static func value(_ key: String, of node: YAMLNode) -> YAMLNode? {
        guard case .mapping(let entries) = node.content else { return nil }
        return entries.first { $0.key.text == key }?.value
    }

    private static func moved(_ node: YAMLNode, by lines: Int) -> YAMLNode {
        var content = node.content
        switch content {
        case .scalar: break
        case .sequence(let items): content = .sequence(items.map { moved($0, by: lines) })
        case .mapping(let entries):
            content = .mapping(
                entries.map { YAMLNode.Entry(key: moved($0.key, by: lines), value: moved($0.value, by: lines)) })
        }
        return YAMLNode(content: content, line: node.line + lines, column: node.column)
    }
}
