package import Sonde

extension Definition {
    /// `pg_file_settings`: what the configuration files would do if they were loaded now; only superusers may see it, unless granted.
    package static let fileSettings = Definition(
        "file_settings", help: "Lines of the configuration files (pg_file_settings)",
        from: "pg_file_settings AS f",
        columns: [
            .label("sourcefile", "f.sourcefile"),
            .gauge("lines", "count(*)", help: "Settings that the file has (rows of pg_file_settings)"),
            .gauge(
                "errors", "count(f.error)",
                help: "Lines that are wrong, or cannot be applied without a restart (pg_file_settings.error)"),
        ],
        requires: .init(privileges: ["SELECT ON pg_file_settings", "EXECUTE ON FUNCTION pg_show_all_file_settings()"]),
        cost: .medium, group: true)
}
