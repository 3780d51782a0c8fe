/// What a server says beside results.
package struct Notice: Sendable, Hashable {
    /// The server's five characters; nil where it is libpq that speaks.
    package let sqlstate: String?
    /// One line, with the severity, in the server's language.
    package let text: String

    /// Whether it warns.
    package var isWarning: Bool { sqlstate?.hasPrefix("01") == true }

    /// Whether a GRANT gave nothing, or not all: it is no error, since the one who gave it may do some of it.
    package var isUngranted: Bool { sqlstate == "01007" }
}
