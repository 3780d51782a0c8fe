import Sonde

/// The SQL that creates the role that pgsonde logs in with, or completes it; run again it changes nothing.
struct RoleScript: Sendable {
    /// A statement of it.
    struct Statement: Sendable, Hashable {
        let sql: String
        /// What it does, where the statement itself does not say it in a line.
        var summary: String?
        /// Whether all else is worth having where it is refused.
        var isOptional = false
        /// Whether all is done without it, too.
        var isExtra = false
    }

    let role: String
    /// The most sessions that a new role may have, and the least that one may have that is there.
    let connectionLimit: Int
    let version: Version
    /// Whether whoever runs it is no superuser, as on managed clouds.
    let isManaged: Bool
    let needs: RoleNeeds

    private var name: String { Identifier.quoted(role) }
    private var literal: String { Identifier.literal(role) }

    /// What is done once for the server.
    var server: [Statement] {
        let create = """
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = \(literal)) THEN
                    CREATE ROLE \(name) CONNECTION LIMIT \(connectionLimit);
                ELSIF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = \(literal)) THEN
                    RAISE EXCEPTION 'the role % is a superuser: pgsonde wants one that is not', \(literal);
                ELSIF (SELECT rolconnlimit BETWEEN 0 AND \(connectionLimit - 1) FROM pg_catalog.pg_roles
                    WHERE rolname = \(literal)) THEN
                    ALTER ROLE \(name) CONNECTION LIMIT \(connectionLimit);
                END IF;
            END
            """
        // What the role may beside logging in is left as it is; only a superuser may say NOSUPERUSER.
        let attributes = "\(isManaged ? "" : " NOSUPERUSER") INHERIT"
        let inherits = version >= 16 ? " WITH INHERIT TRUE" : ""
        var statements = [
            Statement(
                sql: Self.block(create), summary: "the role is there, is no superuser, and may have the sessions"),
            Statement(sql: "ALTER ROLE \(name) LOGIN\(attributes)"),
            Statement(sql: "GRANT pg_monitor TO \(name)\(inherits)"),
        ]
        // So that there is a place for us when all others are taken.
        if version >= 16 {
            statements.append(
                Statement(
                    sql: "GRANT pg_use_reserved_connections TO \(name)\(inherits)", isOptional: true,
                    isExtra: true))
        }
        for other in needs.roles {
            statements.append(
                Statement(sql: "GRANT \(Identifier.quoted(other)) TO \(name)\(inherits)", isOptional: isManaged))
        }
        statements.append(Statement(sql: "ALTER ROLE \(name) SET default_transaction_read_only = on"))
        return statements
    }

    /// Lets the role into a database.
    func admission(to database: String) -> Statement {
        Statement(sql: "GRANT CONNECT ON DATABASE \(Identifier.quoted(database)) TO \(name)")
    }

    /// Lets the role into all databases that it cannot connect to, whatever they are.
    private var admissions: Statement {
        let loop = """
            DECLARE
                closed name;
            BEGIN
                FOR closed IN
                    SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate
                    AND NOT pg_catalog.has_database_privilege(\(literal), oid, 'CONNECT')
                LOOP
                    EXECUTE pg_catalog.format('GRANT CONNECT ON DATABASE %I TO %I', closed, \(literal));
                END LOOP;
            END
            """
        return Statement(sql: Self.block(loop))
    }

    /// What is done in a database.
    ///
    /// - Parameter isHome: whether it is the one that pgsonde connects to first.
    /// - Returns: nothing, where nothing beyond `pg_monitor` is wanted.
    func database(isHome: Bool) -> [Statement] {
        let part = isHome ? needs.home : needs.others
        var statements = part.extensions.map {
            Statement(sql: "CREATE EXTENSION IF NOT EXISTS \(Identifier.quoted($0))", isOptional: false)
        }
        if !part.extensions.isEmpty {
            statements.append(
                each(
                    "USAGE ON SCHEMA %I", summary: "the extensions' schemas can be used",
                    from: """
                        pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
                            WHERE e.extname IN (\(part.extensions.map(Identifier.literal).joined(separator: ", ")))
                            AND NOT pg_catalog.has_schema_privilege(\(literal), n.oid, 'USAGE')
                        """))
        }
        for privilege in part.privileges {
            guard privilege.isOnAllSequences else {
                statements.append(Statement(sql: "GRANT \(privilege.text) TO \(name)", isOptional: isManaged))
                continue
            }
            statements.append(
                each(
                    "SELECT ON SEQUENCE %I.%I", summary: "all sequences can be read", second: "c.relname",
                    from: """
                        pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
                            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_'
                            AND NOT pg_catalog.has_sequence_privilege(\(literal), s.seqrelid, 'SELECT')
                        """))
        }
        return statements
    }

    /// Grants something on each of some schemas, or of what is in them: what belongs to somebody else costs only itself.
    private func each(_ grant: String, summary: String, second: String? = nil, from: String) -> Statement {
        let arguments = second == nil ? "closed.one" : "closed.one, closed.two"
        let loop = """
            DECLARE
                closed record;
                refused text[];
            BEGIN
                FOR closed IN
                    SELECT n.nspname AS one, \(second ?? "NULL") AS two FROM \(from)
                LOOP
                    BEGIN
                        EXECUTE pg_catalog.format('GRANT \(grant) TO %I', \(arguments), \(literal));
                    EXCEPTION WHEN insufficient_privilege THEN
                        refused := refused || pg_catalog.format('\(grant)', \(arguments));
                    END;
                END LOOP;
                IF refused IS NOT NULL THEN
                    RAISE WARNING USING ERRCODE = '01007', MESSAGE = pg_catalog.format(
                        'not granted, since it belongs to somebody else: %s', pg_catalog.array_to_string(refused[1:5], ', ')
                        || CASE WHEN pg_catalog.cardinality(refused) > 5 THEN pg_catalog.format(
                        ' and %s more', pg_catalog.cardinality(refused) - 5) ELSE '' END);
                END IF;
            END
            """
        return Statement(sql: Self.block(loop), summary: summary, isOptional: isManaged)
    }

    /// A block of PL/pgSQL, between dollars that do not occur in it.
    private static func block(_ body: String) -> String {
        var tag = "$pgsonde$"
        var number = 0
        while body.contains(tag.dropLast()) {
            number += 1
            tag = "$pgsonde\(number)$"
        }
        return "DO \(tag)\n\(body)\n\(tag)"
    }

    // MARK: For psql

    /// The script as psql reads it.
    ///
    /// - Parameters:
    ///   - home: the database that pgsonde connects to first; nil where no server was asked.
    ///   - closed: the databases that the role is to be let into.
    ///   - others: all other databases that are visited.
    /// - Returns: text with comments.
    func text(home: String? = nil, closed: [String] = [], others: [String] = []) -> String {
        var text = """
            -- Creates the role \(Self.comment(role)) for pgsonde, or completes it; running it again changes nothing.
            -- For psql, PostgreSQL \(version.major), and \(isManaged ? "an administrator who is no superuser (managed clouds)" : "a superuser").
            \\set ON_ERROR_STOP on

            """
        for statement in server { text += line(statement) }
        // psql would read on after a line feed, and do what stands there.
        let isOneLine = !role.unicodeScalars.contains { $0.properties.generalCategory == .control }
        text += "-- It has no password yet, unless it had one: \\password \(isOneLine ? name : Self.comment(role))\n"
        guard let home else {
            text += line(admissions)
            let first = database(isHome: true)
            if !first.isEmpty { text += "\n-- In the database that pgsonde connects to first:\n" }
            for statement in first { text += line(statement) }
            let rest = database(isHome: false)
            if !rest.isEmpty { text += "\n-- In every other database:\n" }
            for statement in rest { text += line(statement) }
            return text
        }
        for database in closed { text += line(admission(to: database)) }
        for (index, database) in ([home] + others).enumerated() {
            let statements = self.database(isHome: index == 0)
            guard !statements.isEmpty else { continue }
            guard !database.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" || $0 == "\0" }) else {
                text += "\n-- Left out, since psql cannot connect by such a name: \(Self.comment(database))\n"
                continue
            }
            let word = database.unicodeScalars.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
            text += "\n\\connect -reuse-previous=on \(Identifier.quoted("dbname='\(word)'"))\n"
            for statement in statements { text += line(statement) }
        }
        return text
    }

    /// A statement with its end; on a managed cloud what may be refused does not end the script.
    private func line(_ statement: Statement) -> String {
        guard isManaged, statement.isOptional, !statement.sql.hasPrefix("DO ") else { return statement.sql + ";\n" }
        let body = """
            BEGIN
                \(statement.sql);
            EXCEPTION WHEN insufficient_privilege OR undefined_object THEN
                RAISE NOTICE 'refused: %', \(Identifier.literal(statement.sql));
            END
            """
        return Self.block(body) + ";\n"
    }

    /// A name within a comment, which must not end its line.
    private static func comment(_ name: String) -> String {
        Spelling.quoted(name)
    }
}
