/// Reads the collector files of pg_exporter.
struct PgExporterReader {
    /// Keys that no other program's queries have.
    static let ownKeys: Set<String> = [
        "desc", "ttl", "timeout", "min_version", "max_version", "tags", "skip", "fatal", "predicate_queries",
        "priority",
    ]
}
