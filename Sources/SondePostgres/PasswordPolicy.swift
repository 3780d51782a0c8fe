/// Keeps a password from whoever answers in a server's place: on another machine it is used only as SCRAM does, which does not show
/// it, unless libpq makes sure of the server, or the user has said otherwise.
struct PasswordPolicy {
    /// What is added to the keywords.
    private(set) var keywords: [String: String] = [:]
    /// What to do where the server asks for what is refused; nil where nothing is.
    private(set) var advice: String?

    /// How a user lets every server ask.
    private static let wayOut =
        "To let every server have it as it asks for it, also as clear text, write require_auth: \"\" for the server in the configuration, "
        + "or set PGREQUIREAUTH to nothing in the environment"

    /// The version from which on libpq has `require_auth`.
    private static let requiring = 160_000

    /// Decides.
    ///
    /// - Parameters:
    ///   - own: the user's keywords; `require_auth` may be among them whatever the library.
    ///   - effective: those and what else libpq finds.
    ///   - version: libpq's, as it numbers itself.
    ///   - environment: the user's `PGREQUIREAUTH`.
    ///   - mayHavePassword: whether libpq may find a password by itself.
    init(
        _ own: [String: String], _ effective: EffectiveKeywords, version: Int, environment: String?,
        mayHavePassword: () -> Bool
    ) {
        let chosen = own["require_auth"] ?? environment
        if let chosen, version >= Self.requiring {
            keywords["require_auth"] = chosen
            return
        }
        if chosen.map(Self.allowsPlain) ?? (effective.isLocal || effective.isVerified) { return }
        if version >= Self.requiring {
            keywords["require_auth"] = "!password,!md5"
            advice = """
                pgsonde gives a password to another machine only by SCRAM: set it anew with password_encryption = \
                'scram-sha-256', or write sslmode: verify-full. \(Self.wayOut)
                """
            return
        }
        // An older libpq refuses all but SCRAM only where that is tied to the TLS connection.
        let isUsual = own["channel_binding"] == nil && ["prefer", nil].contains(effective["channel_binding"])
        guard isUsual, mayHavePassword() else { return }
        keywords["channel_binding"] = "require"
        advice = """
            pgsonde gives a password to another machine only by SCRAM, and libpq \(version / 10_000) can insist on that only \
            over TLS: switch TLS on at the server (ssl = on; no sslmode: disable here) and give the role a SCRAM password, or write \
            sslmode: verify-full, or use libpq 16. \(Self.wayOut)
            """
    }

    /// Whether a `require_auth` lets a server ask for a password that it then can read, or nearly so.
    private static func allowsPlain(_ requirement: String) -> Bool {
        let words = requirement.split(separator: ",").map { $0.drop { $0 == " " } }
        if words.isEmpty { return true }
        let refused = words.filter { $0.hasPrefix("!") }.map { $0.dropFirst() }
        if !refused.isEmpty { return !["password", "md5"].allSatisfy { refused.contains(Substring($0)) } }
        return words.contains("password") || words.contains("md5")
    }
}
