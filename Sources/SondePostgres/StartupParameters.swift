private import CLibPQ
private import Glibc

/// The keywords and values that libpq connects with: the user's, and ours where the user has none.
struct StartupParameters {
    /// One list per attempt; several where there are several hosts, for libpq gives one that is mute no deadline of its own.
    let attempts: [[String: String]]

    /// What to do where the server asks for what we refuse.
    let passwordAdvice: String?

    /// Why there is no password though there is a file for it; nil where that is not so.
    let passwordFileFlaw: String?

    /// Completes the user's keywords.
    ///
    /// - Throws: an error that names the keywords that this libpq does not know.
    init(_ settings: ConnectionSettings) throws(PostgresError) {
        let known = EffectiveKeywords.known()
        let version = PQlibVersion()
        let unknown = settings.keywords.keys.filter { !known.contains($0) && $0 != "require_auth" }.sorted()
        guard unknown.isEmpty else {
            let names = unknown.map { "\"\($0)\"" }.joined(separator: ", ")
            throw PostgresError(
                .other,
                message: "libpq \(version / 10_000).\(version % 10_000) does not know the connection option \(names)")
        }
        var keywords = settings.keywords
        let effective = EffectiveKeywords(keywords)
        let file = effective.hasPassword ? nil : PasswordFile(effective)
        passwordFileFlaw = file?.flaw
        let policy = PasswordPolicy(
            keywords, effective, version: Int(version),
            environment: unsafe getenv("PGREQUIREAUTH").map { unsafe String(cString: $0) },
            mayHavePassword: { file?.isUsed ?? true })
        keywords["require_auth"] = nil
        keywords.merge(policy.keywords) { $1 }
        passwordAdvice = policy.advice
        // What it would not read it would speak of on standard error. /dev/null, too, says that there is to be none.
        if let file, !file.isUsed { keywords["passfile"] = PasswordFile.none }
        for (keyword, value) in [
            // The fallback gives way to PGAPPNAME too.
            ("fallback_application_name", "pgsonde"), ("client_encoding", "UTF8"), ("keepalives", "1"),
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "10000"),
        ] where keywords[keyword] == nil {
            keywords[keyword] = value
        }
        if settings.way == .direct {
            let own = keywords["options"] ?? effective["options"] ?? ""
            // Ours last: of two equal names the server takes the later.
            keywords["options"] = (own.isEmpty ? "" : own + " ") + SessionSettings(settings).startup
        }
        attempts = Self.split(keywords)
    }

    /// One list of keywords per host.
    ///
    /// Not where libpq must see all hosts: to prefer standbys, or to choose at random.
    private static func split(_ keywords: [String: String]) -> [[String: String]] {
        let lists = ["host", "hostaddr", "port"].map { keyword in
            (keyword, (keywords[keyword] ?? "").split(separator: ",", omittingEmptySubsequences: false))
        }
        let count = max(lists[0].1.count, lists[1].1.count)
        guard count > 1, keywords["target_session_attrs"] != "prefer-standby",
            keywords["load_balance_hosts"] ?? "disable" == "disable",
            lists.allSatisfy({ $0.1.count <= 1 || $0.1.count == count })
        else { return [keywords] }
        return (0..<count).map { index in
            var one = keywords
            for (keyword, values) in lists where values.count == count { one[keyword] = String(values[index]) }
            return one
        }
    }
}
