private import CLibPQ

/// The keywords and values that libpq connects with: the user's, and ours where the user has none.
struct StartupParameters {
    /// One list per attempt; several where there are several hosts, for libpq gives one that is mute no deadline of its own.
    let attempts: [[String: String]]

    /// Completes the user's keywords.
    ///
    /// - Throws: an error that names the keywords that this libpq does not know.
    init(_ settings: ConnectionSettings) throws(PostgresError) {
        let known = Self.defaults()
        let unknown = settings.keywords.keys.filter { known[$0] == nil }.sorted()
        guard unknown.isEmpty else {
            let names = unknown.map { "\"\($0)\"" }.joined(separator: ", ")
            let version = PQlibVersion()
            throw PostgresError(
                .other,
                message: "libpq \(version / 10_000).\(version % 10_000) does not know the connection option \(names)")
        }
        var keywords = settings.keywords
        for (keyword, value) in [
            // The fallback gives way to PGAPPNAME too.
            ("fallback_application_name", "pgsonde"), ("client_encoding", "UTF8"), ("keepalives", "1"),
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "10000"),
        ] where keywords[keyword] == nil {
            keywords[keyword] = value
        }
        if settings.way == .direct {
            let own = keywords["options"] ?? known["options"].flatMap { $0 } ?? ""
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

    /// The options of this libpq, with what the environment says.
    private static func defaults() -> [String: String?] {
        guard let options = unsafe PQconndefaults() else { return [:] }
        defer { unsafe PQconninfoFree(options) }
        var defaults: [String: String?] = [:]
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            let value = unsafe option.pointee.val.map { unsafe String(cString: $0) }
            unsafe defaults.updateValue(value, forKey: String(cString: keyword))
            unsafe option += 1
        }
        return defaults
    }
}
