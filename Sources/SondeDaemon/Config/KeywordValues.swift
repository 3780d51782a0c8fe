/// Which values libpq's keywords can have, as far as it would find out only when it connects.
enum KeywordValues {
    private static let words = [
        "channel_binding": ["disable", "prefer", "require"], "gssencmode": ["disable", "prefer", "require"],
        "load_balance_hosts": ["disable", "random"],
        "ssl_max_protocol_version": ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"],
        "ssl_min_protocol_version": ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"],
        "sslcertmode": ["disable", "allow", "require"],
        "sslmode": ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
        "sslnegotiation": ["postgres", "direct"],
        "target_session_attrs": ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"],
    ]
    private static let numbers = [
        "connect_timeout", "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "sslsni",
        "tcp_user_timeout",
    ]

    /// What is wrong with a keyword's value, and what it can be; it never holds the value, in which a secret may have been misplaced.
    ///
    /// - Returns: nil where nothing is known to be wrong.
    static func problem(_ keyword: String, _ value: String) -> String? {
        guard !value.isEmpty else { return nil }
        if let words = words[keyword] {
            // libpq heeds the names of protocols in any case.
            let isKnown = words.contains {
                $0 == value || keyword.hasPrefix("ssl_") && $0.lowercased() == value.lowercased()
            }
            return isKnown ? nil : "\(keyword) is not one of \(words.joined(separator: ", "))"
        }
        guard numbers.contains(keyword) else { return nil }
        let digits = value.hasPrefix("-") ? value.dropFirst() : value[...]
        let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (48...57).contains($0) } && Int32(value) != nil
        return isNumber ? nil : "\(keyword) is not a whole number"
    }
}
