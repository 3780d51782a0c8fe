/// Under which names the page shows what was measured.
enum NameSet: String, Sendable, Hashable, CaseIterable {
    /// The canonical names.
    case pgsonde
    /// Those of postgres_exporter, for dashboards and alerts that were made for it.
    case postgresExporter = "postgres_exporter"
    /// Both; what the two have in common is there once.
    case both
}
