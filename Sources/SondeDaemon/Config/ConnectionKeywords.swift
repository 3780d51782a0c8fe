/// libpq's connection keywords, as far as a configuration needs to know them.
enum ConnectionKeywords {
    /// Those of libpq 13 to 18.
    ///
    /// Only used to suggest names and to tell where a connection string begins; libpq has the last word.
    static let known = [
        "application_name", "channel_binding", "client_encoding", "connect_timeout", "dbname",
        "fallback_application_name",
        "gssdelegation", "gssencmode", "gsslib", "host", "hostaddr", "keepalives", "keepalives_count",
        "keepalives_idle",
        "keepalives_interval", "krbsrvname", "load_balance_hosts", "max_protocol_version", "min_protocol_version",
        "oauth_client_id", "oauth_client_secret", "oauth_issuer", "oauth_scope", "options", "passfile", "password",
        "port",
        "replication", "require_auth", "requirepeer", "requiressl", "scram_client_key", "scram_server_key", "service",
        "servicefile", "ssl_max_protocol_version", "ssl_min_protocol_version", "sslcert", "sslcertmode",
        "sslcompression",
        "sslcrl", "sslcrldir", "sslkey", "sslkeylogfile", "sslmode", "sslnegotiation", "sslpassword", "sslrootcert",
        "sslsni", "target_session_attrs", "tcp_user_timeout", "user",
    ]

    /// Those that pgsonde sets itself, with the reason.
    static let ours = [
        "client_encoding": "pgsonde chooses it by the server's encoding: remove it",
        "replication": "pgsonde needs an ordinary session: remove it",
    ]

    /// Those whose values are secrets.
    static let secret = ["password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"]

    /// Those whose values are not shown: secrets, and settings, any of which could be one.
    static let hidden = secret + ["options"]

    /// Those whose values name people and places, with what stands for them in a report for others.
    static let personal = [
        "host": "<host>", "hostaddr": "<address>", "user": "<role>", "dbname": "<database>", "service": "<service>",
        "servicefile": "<file>", "passfile": "<file>", "sslcert": "<file>", "sslkey": "<file>", "sslrootcert": "<file>",
        "sslcrl": "<file>", "sslcrldir": "<folder>", "krbsrvname": "<service>", "requirepeer": "<user>",
        "oauth_issuer": "<issuer>", "oauth_client_id": "<client>",
    ]

    /// What a connection string looks like.
    static let stringAdvice = "write postgresql://user@host:port/dbname or host=... port=... user=... dbname=..."

    /// The values of `sslmode`.
    enum SSLMode: String, CaseIterable {
        case disable, allow, prefer, require
        case verifyCA = "verify-ca"
        case verifyFull = "verify-full"
    }

    /// The ways in which a server may have us prove who we are; behind a `!`, may not.
    private static let proofs = ["scram-sha-256", "password", "md5", "gss", "sspi", "oauth", "none"]

    /// Reads the value of `require_auth`, which libpq has from 16 on; empty for any way.
    ///
    /// - Throws: what is wrong with it.
    static func requirement(_ text: String) throws(ValueProblem) -> String {
        let words = text.split(separator: ",").map { String($0.trimmingPrefix(while: \.isWhitespace)) }
        for word in words {
            let name = word.hasPrefix("!") ? String(word.dropFirst()) : word
            guard proofs.contains(name) else {
                throw ValueProblem(
                    "\(Spelling.quoted(name)) is no way to prove who one is: \(Spelling.advice(for: name, among: proofs))"
                )
            }
        }
        guard Set(words.map { $0.hasPrefix("!") }).count < 2 else {
            throw ValueProblem("write either what is allowed, or each of what is not behind a !")
        }
        return words.joined(separator: ",")
    }
}
