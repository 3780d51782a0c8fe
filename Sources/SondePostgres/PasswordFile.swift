private import Glibc

/// The file in which libpq looks for a password where it is given none: `passfile`, PGPASSFILE or ~/.pgpass.
package struct PasswordFile: Sendable {
    /// A path that leads nowhere, for who is to find no file: libpq looks no further, and says nothing.
    static let none = "/dev/null/none"

    /// Where it is.
    let path: String
    /// Whether there is one that libpq reads.
    let isUsed: Bool
    /// Why libpq would not read it, and what to do; nil where it would, or where there is none.
    ///
    /// It would say so itself, at each connect, on standard error.
    package let flaw: String?

    /// Looks at the file, which may hang where it is on another machine's disk.
    package init(_ keywords: EffectiveKeywords) {
        let home = unsafe getenv("HOME").map { unsafe String(cString: $0) } ?? ""
        path = keywords["passfile"] ?? "\(home)/.pgpass"
        var status = stat()
        guard unsafe stat(path, &status) == 0, path != "/dev/null" else {
            (isUsed, flaw) = (false, nil)
            return
        }
        if status.st_mode & S_IFMT != S_IFREG {
            flaw = "libpq does not read the password file \(path), which is no plain file: write it into one"
        } else if status.st_mode & (S_IRWXG | S_IRWXO) != 0 {
            flaw = "libpq does not read the password file \(path), since its group or others have access: chmod go= it"
        } else {
            flaw = nil
        }
        isUsed = flaw == nil
    }
}
