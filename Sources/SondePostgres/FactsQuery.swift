package import Sonde

/// Asks for everything that plans depend on, in one statement.
///
/// Its rows are four texts: kind, name, value and more.
package enum FactsQuery {
    /// After a promotion the control file shows the old timeline until the next checkpoint, which may take minutes.
    private static let timeline = """
        UNION ALL SELECT 'timeline', NULL, (CASE WHEN pg_is_in_recovery()
        THEN (SELECT timeline_id FROM pg_control_checkpoint())
        ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer END)::text, NULL
        """

    /// What a PgBouncer's console is asked instead: its one row is one text, `PgBouncer 1.18.0`.
    package static let console = "SHOW VERSION"

    /// The statement.
    ///
    /// - Parameters:
    ///   - withTimeline: whether to read the timeline; leave it out where that was refused (42501).
    ///   - questions: what else the collectors want to know.
    /// - Returns: one statement, to be run with `search_path` set to `pg_catalog`.
    package static func sql(withTimeline: Bool = true, answering questions: Questions = Questions()) -> String {
        """
        SELECT 'version' AS kind, NULL AS name, current_setting('server_version_num') AS value, NULL AS more
        UNION ALL SELECT 'recovery', NULL, pg_is_in_recovery()::text, NULL
        UNION ALL SELECT 'start', NULL, extract(epoch FROM pg_postmaster_start_time())::text, NULL
        UNION ALL SELECT 'database', current_database()::text, NULL, NULL
        UNION ALL SELECT CASE WHEN has_schema_privilege(n.oid, 'USAGE') THEN 'extension' ELSE 'closed' END,
        extname::text, extversion, nspname::text FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        UNION ALL SELECT 'role', rolname::text, NULL, NULL
        FROM pg_roles WHERE starts_with(rolname::text, 'pg_') AND pg_has_role(oid, 'USAGE')
        \(withTimeline ? timeline : "")
        \(questions.selects.map { "UNION ALL \($0)" }.joined(separator: "\n"))
        """
    }
}

extension Facts {
    /// Reads the rows of ``FactsQuery``, or of a console.
    ///
    /// - Returns: nil where they have no version.
    package init?(_ rows: borrowing Rows) {
        self.init(version: 0, roles: [])
        if rows.index(of: "kind") == nil {
            guard let text = rows.text(0, "version"), let version = Version(text.drop { !$0.isNumber }) else {
                return nil
            }
            self.version = version
            database = "pgbouncer"
            return
        }
        var hasVersion = false
        for row in 0..<rows.count {
            let name = rows.text(row, "name") ?? ""
            let value = rows.text(row, "value") ?? ""
            switch rows.text(row, "kind") {
            case "version":
                guard let number = Int(value) else { return nil }
                version = Version(serverNumber: number)
                hasVersion = true
            case "recovery": isInRecovery = value == "true"
            case "start": startTime = Double(value) ?? 0
            case "timeline": timeline = Int(value)
            case "database": database = name
            case "extension":
                extensions[name] = Extension(version: Version(value) ?? 0, schema: rows.text(row, "more") ?? "")
            case "closed": closedExtensions[name] = rows.text(row, "more") ?? ""
            case "role": roles.insert(name)
            case "privilege":
                // NULL: there is no such object.
                if value == "true" { privileges.insert(Privilege(name)) }
                if rows.text(row, "more") == "true" { partial.insert(Privilege(name)) }
                if value.isEmpty { absent.insert(Privilege(name)) }
            case "setting": settings[name] = value
            case "relation": relations.insert(name)
            default: break
            }
        }
        guard hasVersion else { return nil }
    }
}
