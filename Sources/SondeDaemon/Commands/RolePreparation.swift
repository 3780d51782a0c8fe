import Sonde
import SondePostgres

/// Runs a ``RoleScript`` on a server, or fits it to the server for psql, and says what came of it.
struct RolePreparation: Sendable {
    private let administrator: Administrator
    private let role: String
    let version: Version
    /// Whether the administrator is a superuser.
    let isSuperuser: Bool
    private let home: String
    private let isThere: Bool
    /// Whether it is there, and may have as many sessions as it likes.
    private let isUnlimited: Bool
    /// When its password has ended, in the server's words; nil where it has not.
    private let passwordEnd: String?
    private let reservedConnections: Int?
    private let libraries: String?

    /// Looks at the server.
    ///
    /// - Throws: why the role cannot be prepared there.
    init(_ administrator: Administrator, role: String) async throws {
        self.administrator = administrator
        self.role = role
        let name = Identifier.literal(role)
        let rows = try await administrator.run(
            """
            SELECT pg_catalog.current_setting('server_version_num') AS version,
            pg_catalog.pg_is_in_recovery()::text AS recovery, current_user::text AS administrator,
            pg_catalog.current_database()::text AS database,
            (SELECT rolsuper::text FROM pg_catalog.pg_roles WHERE rolname = current_user) AS superuser,
            (SELECT rolsuper::text FROM pg_catalog.pg_roles WHERE rolname = \(name)) AS dangerous,
            (SELECT rolconnlimit::text FROM pg_catalog.pg_roles WHERE rolname = \(name)) AS sessions,
            (SELECT rolvaliduntil::text FROM pg_catalog.pg_roles WHERE rolname = \(name) AND rolvaliduntil < now()) AS ended,
            (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'reserved_connections') AS reserved,
            (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'shared_preload_libraries') AS libraries
            """)
        guard let facts = rows.first, let number = facts["version"].flatMap({ Int($0) }) else {
            throw Setup.Failure("this is no PostgreSQL server: connect to the server itself")
        }
        version = Version(serverNumber: number)
        isSuperuser = facts["superuser"] == "true"
        home = facts["database"] ?? "postgres"
        isThere = facts["dangerous"] != nil
        isUnlimited = facts["sessions"] == "-1"
        passwordEnd = facts["ended"]
        reservedConnections = facts["reserved"].flatMap { Int($0) }
        libraries = facts["libraries"]
        guard version >= 13 else { throw Setup.Failure("PostgreSQL \(version) is too old: pgsonde needs 13") }
        guard facts["recovery"] != "true" else {
            throw Setup.Failure("this is a standby, where nothing can be changed: connect to its primary")
        }
        guard facts["administrator"] != role else {
            throw Setup.Failure(
                "\(Spelling.quoted(role)) is who you are logged in as: name another role with --role, or log in as an administrator"
            )
        }
        guard facts["dangerous"] != "true" else {
            throw Setup.Failure(
                "\(Spelling.quoted(role)) is a superuser, which pgsonde must not be: name another role with --role")
        }
    }

    /// The script for psql.
    func text(_ script: RoleScript, visits: (String) -> Bool) async throws -> String {
        let databases = try await databases().filter { visits($0.name) || $0.name == home }
        return script.text(
            home: home, closed: databases.filter(\.isClosed).map(\.name),
            others: databases.map(\.name).filter { $0 != home })
    }

    /// Runs the script, and prints what it does.
    ///
    /// - Returns: whether all was done.
    func run(_ script: RoleScript, password: String?, visits: (String) -> Bool) async throws -> Bool {
        if isSuperuser { try await quieten() }
        print("role \(Spelling.quoted(role)) on PostgreSQL \(version): \(isThere ? "was there" : "is new")")
        var isDone = true
        for statement in script.server {
            let isGood = await perform(statement, by: administrator)
            isDone = isGood && isDone
            // Without the role all else would be the same error again and again.
            guard isGood || isThere || statement != script.server.first else { return false }
        }
        if let password { isDone = await set(password) && isDone }
        let databases = try await databases().filter { visits($0.name) || $0.name == home }
        for database in databases where database.isClosed {
            isDone = await perform(script.admission(to: database.name), by: administrator) && isDone
        }
        for database in databases {
            let statements = script.database(isHome: database.name == home)
            guard !statements.isEmpty else { continue }
            print("database \(Spelling.quoted(database.name)):")
            do {
                let session =
                    database.name == home ? administrator : try await administrator.inDatabase(database.name)
                for statement in statements { isDone = await perform(statement, by: session) && isDone }
                if database.name != home { await session.leave() }
            } catch {
                print("  failed   \(error)")
                isDone = false
            }
        }
        for note in notes(script, hasPassword: password != nil) { print("note: \(note)") }
        return isDone
    }

    /// Keeps what follows, the password's verifier among it, out of the server's log and statistics.
    private func quieten() async throws {
        try await administrator.run(
            """
            SELECT pg_catalog.set_config(name, value, false) FROM (VALUES ('log_statement', 'none'),
            ('log_min_duration_statement', '-1'), ('log_min_error_statement', 'panic'), ('log_min_messages', 'error'),
            ('pg_stat_statements.track_utility', 'off'), ('lock_timeout', '5s')) v (name, value)
            """)
    }

    private func set(_ password: String) async -> Bool {
        guard let verifier = await administrator.encrypted(password, of: role) else {
            print("  failed   the password cannot be turned into a SCRAM verifier")
            return false
        }
        let sql = "ALTER ROLE \(Identifier.quoted(role)) PASSWORD "
        return await perform(
            RoleScript.Statement(sql: sql + Identifier.literal(verifier)), by: administrator, shown: sql + "'***'")
    }

    /// Runs a statement, and prints what came of it.
    ///
    /// - Returns: whether all is well.
    private func perform(
        _ statement: RoleScript.Statement, by session: Administrator, shown: String? = nil
    ) async -> Bool {
        let shown = Self.line(shown ?? statement.summary ?? statement.sql)
        let refusal = "  \(statement.isOptional ? "refused " : "failed  ") \(shown):"
        do {
            try await session.run(statement.sql)
            let warnings = session.warnings
            let said = warnings.map(\.text).joined(separator: "; ")
            // The server only warns of a GRANT that gave nothing.
            guard !warnings.contains(where: \.isUngranted) else {
                print("\(refusal) \(said)")
                return statement.isExtra
            }
            print("  ok       \(shown)\(said.isEmpty ? "" : ": \(said)")")
            return true
        } catch {
            print("\(refusal) \(error)")
            return statement.isExtra
        }
    }

    /// A statement on one line, without what could command a terminal.
    private static func line(_ sql: String) -> String {
        String(String.UnicodeScalarView(sql.unicodeScalars.map { Spelling.isControl($0) ? "\u{FFFD}" : $0 }))
    }

    /// The databases that can be visited, and whether the role is kept out of them.
    private func databases() async throws -> [(name: String, isClosed: Bool)] {
        let name = Identifier.literal(role)
        let rows = try await administrator.run(
            """
            SELECT datname::text AS name, pg_catalog.has_database_privilege(COALESCE((SELECT rolname FROM
            pg_catalog.pg_roles WHERE rolname = \(name)), 'public'), oid, 'CONNECT')::text AS open
            FROM pg_catalog.pg_database
            WHERE datallowconn AND NOT datistemplate AND datconnlimit <> -2 ORDER BY datname
            """)
        return rows.compactMap { row in row["name"].map { ($0, row["open"] != "true") } }
    }

    /// What no statement can do.
    private func notes(_ script: RoleScript, hasPassword: Bool) -> [String] {
        var notes: [String] = []
        let own = script.needs.home.extensions.contains("pg_stat_statements")
        if own, let libraries, !libraries.contains("pg_stat_statements") {
            notes.append("add pg_stat_statements to shared_preload_libraries, and restart the server")
        }
        if reservedConnections == 0 {
            notes.append(
                """
                reserved_connections is 0: with \(script.connectionLimit - 2) or more pgsonde gets in when all other \
                connections are taken; the server must be restarted for it
                """)
        }
        if !hasPassword, !isThere {
            notes.append(
                "the role has no password: --password-file sets one, or log in by peer or a certificate (pg_hba.conf)")
        }
        if let passwordEnd {
            let renewal = "ALTER ROLE \(Identifier.quoted(role)) VALID UNTIL 'infinity'"
            notes.append(
                "the role's password has not been valid since \(passwordEnd), whatever it is: \(Self.line(renewal)) or another end"
            )
        }
        if isUnlimited {
            let limit = "ALTER ROLE \(Identifier.quoted(role)) CONNECTION LIMIT \(script.connectionLimit)"
            notes.append("the role may have any number of sessions, which was left so: \(Self.line(limit)) bounds them")
        }
        if (script.needs.home.privileges + script.needs.others.privileges).contains(where: \.isOnAllSequences) {
            notes.append("sequences made from now on are not covered: run this again, or add --with read_all_data")
        }
        return notes
    }
}
