package import Sonde

extension Definition {
    /// `pg_hba_file_rules`: who may log in how, if the file were loaded now; only superusers may see it, unless granted.
    package static let hbaRules = Definition(
        "hba_file_rules", help: "Rules of pg_hba.conf (pg_hba_file_rules)",
        from: "pg_hba_file_rules AS h",
        columns: [
            .label("auth_method", "h.auth_method"),
            .gauge(
                "rules", "count(*) FILTER (WHERE h.error IS NULL)",
                help: "Rules that end in this method (pg_hba_file_rules.auth_method)"),
            .gauge(
                "errors", "count(h.error)",
                help: "Lines that are wrong, so that the file cannot be loaded (pg_hba_file_rules.error)"),
        ],
        requires: .init(privileges: ["SELECT ON pg_hba_file_rules", "EXECUTE ON FUNCTION pg_hba_file_rules()"]),
        cost: .medium, group: true)
}
