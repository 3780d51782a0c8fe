/// An error of a server, of libpq or of a time limit, fit for a log: no secrets, no control characters, bounded length.
package struct PostgresError: Error, Sendable, Hashable {
    /// What kind of error it is.
    package var errorClass: ErrorClass
    /// The server's five characters; nil where the error is not the server's.
    package var sqlstate: String?
    /// One line.
    package var message: String
    /// The server's `DETAIL`.
    package var detail: String?
    /// The server's `HINT`, or ours.
    package var hint: String?
    /// Where in the statement, in characters from 1.
    package var position: Int?
    /// The collector whose statement it was.
    package var collector: String?

    /// Makes an error; the texts are cleaned.
    package init(
        _ errorClass: ErrorClass, sqlstate: String? = nil, message: String, detail: String? = nil, hint: String? = nil,
        position: Int? = nil, collector: String? = nil
    ) {
        self.errorClass = errorClass
        self.sqlstate = sqlstate
        self.message = Self.clean(message)
        self.detail = detail.map { Self.clean($0) }
        self.hint = hint.map { Self.clean($0) }
        self.position = position
        self.collector = collector
    }

    /// The longest text that is kept, in bytes.
    private static let longest = 2_000

    /// A text in one line, without control characters, of bounded length.
    static func clean(_ text: String) -> String {
        var cleaned = String.UnicodeScalarView()
        var length = 0
        var gap = false
        for scalar in text.unicodeScalars {
            // Controls of ASCII and Latin 1, and what ends a line or turns its direction.
            switch scalar.value {
            case 0...32, 127...159, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069:
                gap = !cleaned.isEmpty
                continue
            default: break
            }
            length += UTF8.width(scalar) + (gap ? 1 : 0)
            guard length <= longest else {
                cleaned.append("…")
                break
            }
            if gap { cleaned.append(" ") }
            gap = false
            cleaned.append(scalar)
        }
        return String(cleaned)
    }

    /// The same error without certain texts in it.
    func without(secrets: [String]) -> PostgresError {
        var error = self
        for secret in secrets where secret.utf8.count >= 4 {
            // The texts are clean by now, so the secret is looked for in its clean form too.
            for form in [secret, Self.clean(secret)] {
                error.message = error.message.replacing(form, with: "***")
                error.detail = error.detail.map { $0.replacing(form, with: "***") }
                error.hint = error.hint.map { $0.replacing(form, with: "***") }
            }
        }
        return error
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        var text = message
        if let sqlstate { text += " (SQLSTATE \(sqlstate))" }
        if let position { text += " at character \(position)" }
        if let detail { text += "; \(detail)" }
        if let hint { text += "; hint: \(hint)" }
        if let collector { text = "\(collector): \(text)" }
        return text
    }
}
