import Testing

@testable import SondePostgres

struct ConnectFailureTests {
    private static let server = #"connection to server at "10.0.0.1", port 5432 failed: "#

    @Test(
        "libpq's message gives class and code",
        arguments: [
            (
                "FATAL:  28P01: password authentication failed for user \"x\"\nLOCATION:  auth_failed, auth.c:338\n",
                "28P01", ErrorClass.auth
            ),
            ("FATAL:  57P03: the database system is starting up\n", "57P03", .startingUp),
            ("致命错误:  53300: 已经有太多的客户\n", "53300", .tooManyConnections),
            ("FATAL:  28000: no pg_hba.conf entry\n\(server)FATAL:  28P01: no\n", "28P01", .auth),
            (
                "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n", nil,
                .network
            ),
            ("server closed the connection unexpectedly\n", nil, .network),
            ("SSL error: certificate verify failed\n", nil, .network),
            ("SCRAM authentication requires libpq version 10 or above\n", nil, .auth),
            ("authentication method requirement failed\n", nil, .auth),
        ] as [(String, String?, ErrorClass)])
    func reading(text: String, sqlstate: String?, errorClass: ErrorClass) {
        let error = ConnectFailure(Self.server + text).error(needsPassword: false)
        #expect(error.sqlstate == sqlstate)
        #expect(error.errorClass == errorClass)
        #expect(!error.message.contains("LOCATION"))
        #expect(!error.message.contains("\n"))
        if let sqlstate { #expect(!error.message.contains(":  \(sqlstate)")) }
    }

    @Test("without a server in it, a message is about the options", arguments: ["invalid sslmode value: \"x\"", ""])
    func options(text: String) {
        #expect(ConnectFailure(text).error(needsPassword: false).errorClass == .other)
    }

    @Test("what each try says again, with TLS and without, is said once")
    func repeated() {
        let line = Self.server + "FATAL:  28P01: password authentication failed for user \"x\"\nLOCATION:  auth.c:338\n"
        let error = ConnectFailure(line + line).error(needsPassword: false)
        #expect(error.message == Self.server + "FATAL: password authentication failed for user \"x\"")
        let other = ConnectFailure(Self.server + "refused\n" + Self.server + "FATAL:  53300: too many\n")
        #expect(other.error(needsPassword: false).message == Self.server + "refused " + Self.server + "FATAL: too many")
    }

    @Test("a pooler that refuses startup parameters gets a hint")
    func pooler() {
        let text = Self.server + "FATAL:  08P01: unsupported startup parameter: options\n"
        #expect(ConnectFailure(text).error(needsPassword: false).hint == "if this is a pooler, set pooled: true")
    }

    @Test("a user whom PgBouncer's console does not know is refused, and its setting is named")
    func console() {
        let error = ConnectFailure(Self.server + "FATAL:  08P01: not allowed\n").error(needsPassword: false)
        #expect(error.errorClass == .auth && error.sqlstate == "08P01")
        #expect(error.hint == "add the user to stats_users (or admin_users) in pgbouncer.ini")
    }
}
