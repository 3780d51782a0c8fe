import Sonde
import SondePostgres
import Testing

@testable import SondeDaemon

@Suite("What mends it")
struct RemedyTests {
    private static let server = Configuration.Server(
        name: "a", keywords: ["host": "db.example", "user": "My\"role", "dbname": "app"])

    @Test(
        "a login that failed names the statement or the setting that mends it",
        arguments: [
            ("28P01", "password authentication failed", "pgsonde prepare-db --role 'My\"role' --password-file FILE"),
            (
                "28000", #"no pg_hba.conf entry for host "10.0.0.7", user "x", database "app", SSL encryption"#,
                #"in pg_hba.conf: hostssl app "My""role" 10.0.0.7/32 scram-sha-256"#
            ),
            (
                "28000", #"no pg_hba.conf entry for host "fe80::1", user "x", database "app", no encryption"#,
                #"in pg_hba.conf: host app "My""role" fe80::1/128 scram-sha-256"#
            ),
            (
                "28000", #"no pg_hba.conf entry for host "[local]", user "x""#,
                #"in pg_hba.conf: local app "My""role" scram-sha-256"#
            ), ("28000", "role \"x\" is not permitted to log in", #"ALTER ROLE "My""role" LOGIN"#),
            ("3D000", "database \"app\" does not exist", "dbname: postgres"),
            ("42501", "permission denied for database \"app\"", #"GRANT CONNECT ON DATABASE "app" TO "My""role""#),
            ("53300", "too many connections for role \"x\"", #"ALTER ROLE "My""role" CONNECTION LIMIT 4"#),
            ("53300", "sorry, too many clients already", #"GRANT pg_use_reserved_connections TO "My""role""#),
            ("08P01", "unsupported startup parameter: options", "pooled: true"),
            ("08P01", "no such user: x", "auth_file"), ("08P01", "FATAL: not allowed", "stats_users"),
            ("", "fe_sendauth: no password supplied", "password_file: FILE"),
            ("", "private key file \"k\" has group or world access; file must have", "chmod 600 the file of sslkey"),
            ("", "SSL error: certificate verify failed", "ssl_cert_file"),
            ("", "GSSAPI continuation error: No Kerberos credentials available", "KRB5_CLIENT_KTNAME"),
            ("", "Connection refused", "listen_addresses"), ("", "server does not support SSL", "ssl = on"),
        ])
    func logins(sqlstate: String, message: String, mend: String) {
        let error = PostgresError(
            sqlstate.isEmpty ? .network : ErrorClass(sqlstate: sqlstate), sqlstate: sqlstate.isEmpty ? nil : sqlstate,
            message: message)
        let mends = Remedy(Self.server).mends(of: error)
        #expect(mends.contains { $0.contains(mend) }, "\(mends)")
    }

    @Test("a server that is said to be PgBouncer's console and has no such database is none")
    func noConsole() {
        let error = PostgresError(.other, sqlstate: "3D000", message: "database \"pgbouncer\" does not exist")
        let console = Configuration.Server(name: "a", kind: .pgbouncer)
        #expect(
            Remedy(console).mends(of: error) == [
                "in the configuration: remove kind: pgbouncer, for this is a PostgreSQL server, or write the port of PgBouncer"
            ])
    }

    @Test("what the error itself advises is what mends it, where nothing better is known")
    func hints() {
        let hint = "write require_auth"
        let refused = PostgresError(.auth, message: "channel binding required", hint: hint)
        #expect(Remedy(Self.server).mends(of: refused) == [hint])
        let unread = PostgresError(.auth, message: "fe_sendauth: no password supplied", hint: hint)
        #expect(Remedy(Self.server).mends(of: unread).first == hint)
        let pooler = PostgresError(.other, sqlstate: "08P01", message: "unsupported startup parameter", hint: hint)
        #expect(Remedy(Self.server).mends(of: pooler) == [hint])
    }

    @Test(
        "what a collector needs becomes a statement with the role's name",
        arguments: [
            (
                "needs SELECT ON pg_statistic: in database app, GRANT SELECT ON pg_statistic TO the monitoring role",
                "needs SELECT ON pg_statistic", #"in database app, GRANT SELECT ON pg_statistic TO "r""#
            ),
            (
                "needs the privileges of pg_read_all_stats: GRANT pg_read_all_stats TO the monitoring role",
                "needs the privileges of pg_read_all_stats", #"GRANT pg_monitor TO "r""#
            ),
            (
                "needs EXECUTE ON FUNCTION pg_ls_waldir(): in database app, GRANT EXECUTE ON FUNCTION pg_ls_waldir() TO the monitoring role",
                "needs the privileges of pg_monitor", #"GRANT pg_monitor TO "r""#
            ),
            (
                "needs extension pgstattuple: CREATE EXTENSION pgstattuple in database my app",
                "needs extension pgstattuple", "in database my app, CREATE EXTENSION pgstattuple"
            ),
            (
                "needs track_io_timing = on, and it is off", "needs track_io_timing = on, and it is off",
                "ALTER SYSTEM SET track_io_timing = 'on'"
            ), ("division by zero (SQLSTATE 22012)", "division by zero (SQLSTATE 22012)", nil),
        ] as [(String, String, String?)])
    func collectors(detail: String, what: String, mend: String?) {
        let parts = Remedy(Self.server, role: "r").parts(of: detail, isStandby: false)
        #expect(parts.what == what && parts.mends.first == mend, "\(parts)")
        let standby = Remedy(Self.server, role: "r").parts(of: detail, isStandby: true).mends.first
        if let mend, !mend.hasPrefix("ALTER SYSTEM") { #expect(standby == "on the primary: \(mend)") }
    }
}
