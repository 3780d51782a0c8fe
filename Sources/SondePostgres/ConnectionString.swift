private import CLibPQ

/// What users write for a server: a URI or `key=value` pairs, read by libpq itself.
package enum ConnectionString {
    /// libpq's keywords and their values.
    ///
    /// - Throws: an error that says what is wrong without a part of the text, for it may hold a password.
    package static func parse(_ text: String) throws(PostgresError) -> [String: String] {
        guard !text.utf8.contains(0) else { throw failure("it contains a zero byte") }
        var message: UnsafeMutablePointer<CChar>?
        guard let options = unsafe PQconninfoParse(text, &message) else {
            // libpq's message quotes the text.
            let told = unsafe message.map { unsafe String(cString: $0) } ?? ""
            unsafe PQfreemem(message)
            if let name = unknownParameter(told, in: text) {
                throw failure("libpq does not know the parameter \"\(name)\"")
            }
            throw failure(
                "libpq cannot read it: there is a parameter that it does not know, or in a URI a character like @ : / ? % or a space "
                    + "that must be percent-encoded, or among key=value pairs a value with spaces that must be quoted")
        }
        defer { unsafe PQconninfoFree(options) }
        var keywords: [String: String] = [:]
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe keywords[String(cString: keyword)] = String(cString: value)
            }
            unsafe option += 1
        }
        try check(keywords)
        return keywords
    }

    /// The name of the parameter that libpq does not know, by its message.
    ///
    /// - Returns: nil where it may be a part of a secret that is not written as it must be: one begins before it, the end of user and
    ///   password comes behind it, or what stands before it is wrong by itself.
    private static func unknownParameter(_ message: String, in text: String) -> String? {
        let known = /invalid (?:connection option|URI query parameter:) "([a-z_]{1,40})"\n?/
        guard let name = message.wholeMatch(of: known)?.1,
            let place = text.ranges(of: name).last(where: { text[$0.upperBound...].first { $0 != " " } == "=" }),
            !text[place.upperBound...].contains("@")
        else { return nil }
        let before = text[..<place.lowerBound]
        let isURI = text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
        let others = (isURI ? before.drop { $0 != "?" } : before).lowercased()
        guard !["pass", "secret", "key", "%"].contains(where: others.contains), (try? parse(String(before))) != nil
        else {
            return nil
        }
        return String(name)
    }

    /// Finds what a password with a reserved character leaves in the wrong place, where later errors would show it.
    private static func check(_ keywords: [String: String]) throws(PostgresError) {
        if let host = keywords["host"], !host.hasPrefix("/"), host.contains("@") {
            throw failure("the host contains an @; one in the user name or password must be written as %40")
        }
        for port in (keywords["port"] ?? "").split(separator: ",") {
            guard let number = Int(port), (1...65_535).contains(number) else {
                throw failure(
                    "the port is not a number from 1 to 65535; a / in the password must be written as %2F")
            }
        }
    }

    private static func failure(_ reason: String) -> PostgresError {
        PostgresError(.other, message: "invalid connection string: \(reason)")
    }
}
