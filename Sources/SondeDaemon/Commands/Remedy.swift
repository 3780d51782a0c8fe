import Glibc
import Sonde
import SondePostgres

/// The exact statement or setting that mends what is wrong, as far as an error says it.
struct Remedy: Sendable {
    private let server: Configuration.Server
    /// The role that logs in.
    let role: String
    /// The database that is connected to first.
    private let database: String
    /// The server's.
    private let version: Version

    /// Prepares advice on a server.
    ///
    /// - Parameters:
    ///   - server: as it is configured.
    ///   - role: as the server knows it; nil where it has not said so.
    ///   - version: the server's.
    init(_ server: Configuration.Server, role: String? = nil, version: Version = 13) {
        self.server = server
        self.version = version
        let named = { (keyword: String, variable: String) -> String? in
            if let value = server.keywords[keyword] { return value }
            guard let value = unsafe getenv(variable) else { return nil }
            return unsafe String(cString: value)
        }
        self.role = role ?? named("user", "PGUSER") ?? "pgsonde"
        database = named("dbname", "PGDATABASE") ?? self.role
    }

    private var name: String { Identifier.quoted(role) }
    private var quotedDatabase: String { Identifier.quoted(database) }
    /// The command that completes the role.
    var prepare: String { "pgsonde prepare-db --role \(Self.shell(role))" }

    /// What mends a login that failed.
    func mends(of error: PostgresError) -> [String] {
        let text = error.message
        let has = { (part: String) in text.contains(part) }
        if server.kind == .pgbouncer || has("no such user") || has("no such database") || has("not allowed") {
            if let mend = poolersMend(has) { return [mend] }
        }
        switch error.sqlstate {
        case "28P01":
            return [
                "the password is wrong or has ended, or the role does not exist or has none: \(prepare) --password-file FILE makes it and sets the password, and says whether it has ended",
                "in the configuration: password_file: FILE",
            ]
        case "28000": return refusal(text, has)
        case "3D000" where server.kind == .pgbouncer:
            return [
                "in the configuration: remove kind: pgbouncer, for this is a PostgreSQL server, or write the port of PgBouncer"
            ]
        case "3D000": return ["in the configuration: dbname: postgres, or another database that is there"]
        case "42501": return ["GRANT CONNECT ON DATABASE \(quotedDatabase) TO \(name)"]
        case "53300": return crowd(has)
        case "57P03": return ["nothing, if it is starting; on a standby that stays so: hot_standby = on"]
        case "08P01" where error.hint == nil: return ["in the configuration: pooled: true, if this is a pooler"]
        case .some: return error.hint.map { [$0] } ?? []
        case nil: return unreached(error, has)
        }
    }

    /// How the server gets another certificate.
    var newCertificate: String {
        server.kind == .pgbouncer || server.pooled
            ? "at the pooler: a new client_tls_cert_file, then RELOAD at its console"
            : "at the server: a new file in the place of ssl_cert_file, then SELECT pg_reload_conf()"
    }

    /// How we get another certificate.
    static let newClientCertificate =
        "in the configuration: a new file in the place of sslcert, which the next login reads"

    private func poolersMend(_ has: (String) -> Bool) -> String? {
        if has("no such user") || has("password authentication failed") {
            return "in PgBouncer's auth_file, or by its auth_query: \(name), with its password"
        }
        if has("not allowed") { return "in pgbouncer.ini: stats_users = \(role)" }
        if has("no such database") { return "in pgbouncer.ini, [databases]: \(database) = ..." }
        return nil
    }

    private func refusal(_ text: String, _ has: (String) -> Bool) -> [String] {
        if has("pg_hba.conf") {
            let user = Self.fileWord(role)
            let place = Self.fileWord(database)
            guard let address = text.firstMatch(of: /host "([0-9A-Fa-f:.%a-z]+)"/)?.1 else {
                return ["in pg_hba.conf: local \(place) \(user) scram-sha-256", "SELECT pg_reload_conf()"]
            }
            let kind = has("SSL encryption") || has("SSL on") ? "hostssl" : "host"
            let bits = address.contains(":") ? 128 : 32
            return [
                "in pg_hba.conf: \(kind) \(place) \(user) \(address)/\(bits) scram-sha-256", "SELECT pg_reload_conf()",
            ]
        }
        if has("does not exist") { return ["\(prepare) --password-file FILE"] }
        if has("not permitted to log in") { return ["ALTER ROLE \(name) LOGIN"] }
        if has("Peer authentication") || has("Ident authentication") {
            return [
                "in pg_hba.conf: scram-sha-256 in place of peer or ident, or run pgsonde as the system's user \(role)"
            ]
        }
        return ["see the server's log, which says why"]
    }

    private func crowd(_ has: (String) -> Bool) -> [String] {
        if has("for role") { return ["ALTER ROLE \(name) CONNECTION LIMIT \(server.connections + 2)"] }
        if has("for database") { return ["ALTER DATABASE \(quotedDatabase) CONNECTION LIMIT -1"] }
        return [
            "from PostgreSQL 16: GRANT pg_use_reserved_connections TO \(name), and reserved_connections = \(server.connections)",
            "or a higher max_connections, or fewer clients",
        ]
    }

    private func unreached(_ error: PostgresError, _ has: (String) -> Bool) -> [String] {
        if has("no password supplied") {
            return (error.hint.map { [$0] } ?? []) + ["in the configuration: password_file: FILE"]
        }
        if has("private key file"), has("access") {
            return ["chmod 600 the file of sslkey, or 640 where it belongs to root and pgsonde to its group"]
        }
        if has("password file") {
            return ["make it readable for the user that pgsonde runs as, or name another in the configuration"]
        }
        if has("Kerberos credentials") {
            return [
                "in the unit: Environment=KRB5_CLIENT_KTNAME=FILE, a keytab of the role's principal, which is then asked for a ticket"
            ]
        }
        if has("translate host name") { return ["in the configuration: host: a name that this machine can resolve"] }
        if has("No such file or directory"), has("socket") {
            return [
                "in the configuration: host: the folder of the server's socket (unix_socket_directories), or its name"
            ]
        }
        if has("does not support SSL") { return ["ssl = on at the server, or in the configuration: sslmode: prefer"] }
        if has("certificate verify failed") || has("root certificate") {
            return [
                "in the configuration, libpq: {sslrootcert: the file with the authority's certificate}",
                "or, if the certificate has ended, \(newCertificate)",
            ]
        }
        if has("server certificate for") {
            return ["in the configuration: host: as the certificate names it, or sslmode: verify-ca"]
        }
        if has("Connection refused") {
            return ["start the server, or mend host and port in the configuration, or the server's listen_addresses"]
        }
        if let hint = error.hint { return [hint] }
        switch error.errorClass {
        case .timeout: return ["look for a firewall, or a server that hangs: nothing answered in time"]
        case .network: return ["see the server's log, and whether something between here and there ends connections"]
        default: return []
        }
    }

    /// What mends a collector that is unavailable or failed, and what is wrong without that.
    func parts(of detail: String, isStandby: Bool) -> (what: String, mends: [String]) {
        if let match = detail.wholeMatch(of: /needs (\S+) = (.+), and it is .*/), !detail.contains(": ") {
            let set = "ALTER SYSTEM SET \(match.1) = \(Identifier.literal(String(match.2)).drop { $0 == " " })"
            return (detail, [set, "SELECT pg_reload_conf(), or a restart where pg_settings.pending_restart says so"])
        }
        guard detail.hasPrefix("needs "), let colon = detail.firstRange(of: ": ") else { return (detail, []) }
        let needed = detail[..<colon.lowerBound].dropFirst("needs ".count)
        if needed.split(separator: " and ").allSatisfy({ RoleNeeds.isMonitored(Privilege(String($0)), version) }) {
            let grant = "GRANT pg_monitor TO \(name)"
            return ("needs the privileges of pg_monitor", [isStandby ? "on the primary: \(grant)" : grant])
        }
        var advice = String(detail[colon.upperBound...]).replacing("TO the monitoring role", with: "TO \(name)")
        // Whoever lacks one of its parts is to have the whole.
        for part in ["pg_read_all_stats", "pg_read_all_settings", "pg_stat_scan_tables"] {
            advice = advice.replacing("GRANT \(part) TO", with: "GRANT pg_monitor TO")
        }
        if let match = advice.wholeMatch(of: /(CREATE EXTENSION \S+) in database (.+)/) {
            advice = "in database \(match.2), \(match.1)"
        }
        return (String(detail[..<colon.lowerBound]), [isStandby ? "on the primary: \(advice)" : advice])
    }

    /// A word of pg_hba.conf.
    private static func fileWord(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
        return isPlain && !["all", "sameuser", "samerole", "replication"].contains(name)
            ? name : Identifier.quoted(name)
    }

    /// A word of a shell's.
    private static func shell(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy {
            (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || $0 == 95 || $0 == 45
        }
        return isPlain ? word : "'\(word.unicodeScalars.map { $0 == "'" ? "'\\''" : "\($0)" }.joined())'"
    }
}
