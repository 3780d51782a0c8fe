/// The programs whose files of queries are read.
enum ForeignFormat: String, CaseIterable, Sendable {
    /// The `queries.yaml` of postgres_exporter.
    case postgresExporter = "postgres_exporter"
    /// The same with what CloudNativePG has added.
    case cloudNativePG = "cloudnative_pg"
    /// The collector files of pg_exporter.
    case pgExporter = "pg_exporter"
    /// The collector files of sql_exporter.
    case sqlExporter = "sql_exporter"

    /// Tells by the keys of a file whose it is.
    ///
    /// - Parameter document: the file's first document.
    init(of document: YAMLNode) {
        let keys = Self.keys(of: document)
        let within = Self.values(of: document).reduce(into: Set<String>()) { $0.formUnion(Self.keys(of: $1)) }
        if !keys.isDisjoint(with: ["collector_name", "collectors", "collector_files"]) {
            self = .sqlExporter
        } else if !within.isDisjoint(with: PgExporterReader.ownKeys) {
            self = .pgExporter
        } else if ConfigMap.isOne(document) || !within.isDisjoint(with: QueriesReader.addedKeys) {
            self = .cloudNativePG
        } else {
            self = .postgresExporter
        }
    }

    private static func keys(of node: YAMLNode) -> Set<String> {
        guard case .mapping(let entries) = node.content else { return [] }
        return Set(entries.compactMap(\.key.text))
    }

    private static func values(of node: YAMLNode) -> [YAMLNode] {
        guard case .mapping(let entries) = node.content else { return [] }
        return entries.map(\.value)
    }
}
