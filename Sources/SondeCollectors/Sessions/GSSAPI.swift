package import Sonde

extension Definition {
    /// `pg_stat_gssapi`: how many sessions use Kerberos, for login or for encryption.
    package static let gssapi = Definition(
        "gssapi", help: "Sessions that use GSSAPI (pg_stat_gssapi)",
        from: "pg_stat_gssapi AS g",
        columns: [
            .gauge(
                "authenticated_sessions", "count(*) FILTER (WHERE g.gss_authenticated)",
                help: "Sessions that logged in by GSSAPI (pg_stat_gssapi.gss_authenticated)"),
            .gauge(
                "encrypted_sessions", "count(*) FILTER (WHERE g.encrypted)",
                help: "Sessions that GSSAPI encrypts (pg_stat_gssapi.encrypted)"),
            .gauge(
                "delegated_sessions", [16: "count(*) FILTER (WHERE g.credentials_delegated)"],
                help: "Sessions that were given the client's credentials (pg_stat_gssapi.credentials_delegated)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]))
}
