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

    /// What a connection string looks like.
    static let stringAdvice = "write postgresql://user@host:port/dbname or host=... port=... user=... dbname=..."

    /// The values of `sslmode`.
    enum SSLMode: String, CaseIterable {
        case disable, allow, prefer, require
        case verifyCA = "verify-ca"
        case verifyFull = "verify-full"
    }
}
