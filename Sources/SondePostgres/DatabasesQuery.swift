package import Sonde

/// Asks for the databases that can be visited: no templates, none that is half dropped, none that we may not connect to.
package enum DatabasesQuery {
    /// The statement; its rows are one text.
    package static let sql = """
        SELECT datname::text AS datname FROM pg_database
        WHERE datallowconn AND NOT datistemplate AND datconnlimit <> -2 AND has_database_privilege(oid, 'CONNECT')
        ORDER BY datname
        """

    /// Reads the rows.
    package static func names(in rows: borrowing Rows) -> [String] {
        (0..<rows.count).compactMap { rows.text($0, "datname") }
    }
}
