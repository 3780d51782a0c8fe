package import Sonde

extension Definition {
    /// `pg_stat_ssl`: who is connected with TLS, and who without.
    ///
    /// As with ``activity`` there are at no time more series than sessions. Versions and ciphers come from closed lists; both are empty
    /// without TLS.
    package static let tls = Definition(
        "ssl", help: "Sessions by their use of TLS (pg_stat_ssl)",
        from: "pg_stat_ssl AS s JOIN pg_stat_activity AS a ON a.pid = s.pid",
        columns: [
            .label("datname", "a.datname"),
            .label("usename", "a.usename"),
            .label("version", "s.version"),
            .label("cipher", "s.cipher"),
            .gauge("sessions", "count(*)", help: "Sessions; without TLS the version is empty (pg_stat_ssl.ssl)"),
            .gauge(
                "remote_sessions", "count(a.client_addr)",
                help: "Those that came over TCP, not a Unix socket (pg_stat_activity.client_addr)"),
            .gauge(
                "certificate_sessions", "count(s.client_dn)",
                help: "Those that showed a certificate of their own (pg_stat_ssl.client_dn)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]), group: true)
}
