private import CLibPQ

/// What libpq connects with: the user's keywords, then those of a service, then those of the environment.
package struct EffectiveKeywords: Sendable {
    private let values: [String: String]

    /// Asks libpq, without connecting.
    ///
    /// - Parameter keywords: the user's.
    package init(_ keywords: [String: String]) {
        var values = keywords["service"] == nil ? Self.defaults() : Self.resolved(keywords)
        values.merge(keywords) { $1 }
        self.init(values: values)
    }

    init(values: [String: String]) {
        self.values = values.filter { !$0.value.isEmpty }
    }

    /// A keyword's value; nil where it is empty, too.
    package subscript(_ keyword: String) -> String? { values[keyword] }

    /// How libpq encrypts and makes sure of the server, in its own word.
    package var sslMode: String { values["sslmode"] ?? "prefer" }

    /// Whether the server is on this machine, wherever there are several.
    package var isLocal: Bool {
        func list(_ keyword: String) -> [Substring] {
            (values[keyword] ?? "").split(separator: ",", omittingEmptySubsequences: false)
        }
        let (hosts, addresses) = (list("host"), list("hostaddr"))
        return (0..<max(hosts.count, addresses.count)).allSatisfy { index in
            // An address wins over a name; neither is the default Unix socket.
            let address = index < addresses.count ? addresses[index] : ""
            return Self.isLocal(address.isEmpty ? index < hosts.count ? hosts[index] : "" : address)
        }
    }

    /// Whether there is a password among them.
    package var hasPassword: Bool { values["password"] != nil }

    /// Whether libpq makes sure that it talks to the server that is meant, and to nobody else.
    package var isVerified: Bool { sslMode == "verify-full" || values["gssencmode"] == "require" }

    private static func isLocal(_ host: Substring) -> Bool {
        if host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") { return true }
        let digits = host.split(separator: ".", omittingEmptySubsequences: false)
        let isLoopback = digits.count == 4 && digits[0] == "127" && digits.allSatisfy { UInt8($0) != nil }
        return isLoopback || host == "localhost" || host == "::1"
    }

    /// The options of this libpq, with what the environment says.
    static func defaults() -> [String: String] {
        unsafe take(PQconndefaults())
    }

    /// The keywords that this libpq knows.
    static func known() -> Set<String> {
        guard let options = unsafe PQconndefaults() else { return [] }
        defer { unsafe PQconninfoFree(options) }
        var known: Set<String> = []
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            unsafe known.insert(String(cString: keyword))
            unsafe option += 1
        }
        return known
    }

    /// The keywords with those of the service that they name.
    ///
    /// Only a connection knows them, so one is begun that cannot be: libpq gives up at more ports than there are hosts, before it looks
    /// for a password or the server. The service's port is lost by it.
    private static func resolved(_ keywords: [String: String]) -> [String: String] {
        let wrong = keywords.merging(["port": String(repeating: "1,", count: 1_000)]) { $1 }
        guard let connection = unsafe Connector.start(wrong) else { return [:] }
        defer { unsafe PQfinish(connection) }
        var values = unsafe take(PQconninfo(connection))
        values["port"] = keywords["port"]
        return values
    }

    @unsafe private static func take(_ options: UnsafeMutablePointer<PQconninfoOption>?) -> [String: String] {
        guard let options = unsafe options else { return [:] }
        defer { unsafe PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe values[String(cString: keyword)] = String(cString: value)
            }
            unsafe option += 1
        }
        return values
    }
}
