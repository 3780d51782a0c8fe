package import Sonde

extension Definition {
    /// `pg_ident_file_mappings`: which users of the system are which roles; only superusers may see it, unless granted.
    package static let identMappings = Definition(
        "ident_file_mappings", help: "Mappings of pg_ident.conf (pg_ident_file_mappings)",
        from: [15: "pg_ident_file_mappings AS i"],
        columns: [
            .gauge(
                "mappings", [15: "count(*) FILTER (WHERE i.error IS NULL)"],
                help: "Mappings that the file has (rows of pg_ident_file_mappings)"),
            .gauge(
                "errors", [15: "count(i.error)"],
                help: "Lines that are wrong, so that the file cannot be loaded (pg_ident_file_mappings.error)"),
        ],
        requires: .init(
            privileges: ["SELECT ON pg_ident_file_mappings", "EXECUTE ON FUNCTION pg_ident_file_mappings()"]),
        cost: .medium)
}
