/// Reads libpq's message of a connection that was not made.
///
/// libpq 15 keeps no SQLSTATE for it, but prints it where the verbosity asks for it: `… failed: FATAL:  28P01: password …`. The severity
/// and the text are in the server's language; the rest is libpq's own and English, since the process sets no locale.
struct ConnectFailure {
    private let text: String

    init(_ text: String) {
        self.text = text
    }

    /// Makes the error that says it.
    ///
    /// - Parameter needsPassword: whether the server asked for a password and there was none.
    /// - Returns: the error, with a class from the SQLSTATE, or from what little else is known.
    func error(needsPassword: Bool) -> PostgresError {
        var lines: [String] = []
        var sqlstate: String?
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("LOCATION:  ") {
            var told = String(line)
            if let code = Self.sqlstate(in: line) {
                // Of several, one for each host and for each try with and without TLS, the last is what remained.
                sqlstate = String(line[code])
                told = "\(line[..<code.lowerBound])\(line[code.upperBound...].dropFirst(2))"
            }
            // Each try says the same again.
            if !lines.contains(told) { lines.append(told) }
        }
        let message = lines.isEmpty ? "libpq gave no reason" : lines.joined(separator: " ")
        var errorClass = sqlstate.map { ErrorClass(sqlstate: $0) } ?? classWithoutCode(needsPassword: needsPassword)
        var hint: String?
        if sqlstate == "08P01", message.contains("startup parameter") { hint = "if this is a pooler, set pooled: true" }
        if sqlstate == "08P01", message.hasSuffix("FATAL:  not allowed") {
            errorClass = .auth
            hint = "add the user to stats_users (or admin_users) in pgbouncer.ini"
        }
        return PostgresError(errorClass, sqlstate: sqlstate, message: message, hint: hint)
    }

    /// Finds `:  28P01: `.
    private static func sqlstate(in line: Substring) -> Range<Substring.Index>? {
        var rest = line
        while let mark = rest.firstRange(of: ":  ") {
            rest = rest[mark.upperBound...]
            let code = rest.prefix(5)
            let isCode =
                code.utf8.count == 5 && code.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            if isCode, rest.dropFirst(5).hasPrefix(": ") { return code.startIndex..<code.endIndex }
        }
        return nil
    }

    private func classWithoutCode(needsPassword: Bool) -> ErrorClass {
        if needsPassword { return .auth }
        // Our side of the authentication gave up: the server offers what we refuse, or could not prove who it is.
        let marks = ["authentication method", "SCRAM", "SASL", "channel binding", "GSSAPI", "password file"]
        if marks.contains(where: text.contains) { return .auth }
        // libpq names the server in every message about a server; without one, an option is wrong.
        let network = ["connection to server", "server closed", "translate host name", "could not", "lost"]
        return network.contains(where: text.contains) ? .network : .other
    }
}
