/// Users and passwords, machine by machine, as other programs have them in `~/.netrc`.
struct NetrcFile: Sendable {
    private struct Login: Sendable {
        /// nil for all that are not named.
        let machine: String?
        var user = ""
        var password = ""
    }

    private var logins: [Login] = []

    /// Reads a file.
    ///
    /// - Throws: why it cannot be read.
    init(path: String) throws(FileProblems) {
        self.init(String(decoding: try BoundedFile.read(path, atMost: 1 << 16).bytes, as: UTF8.self))
    }

    /// Reads `machine NAME login USER password PASSWORD` and `default login …`, with any space between the words; other words are passed over.
    init(_ text: String) {
        var words = text.split { $0.isWhitespace }[...]
        while let word = words.popFirst() {
            switch word {
            case "machine": logins.append(Login(machine: words.popFirst().map(String.init) ?? ""))
            case "default": logins.append(Login(machine: nil))
            case "login" where !logins.isEmpty: logins[logins.count - 1].user = String(words.popFirst() ?? "")
            case "password" where !logins.isEmpty: logins[logins.count - 1].password = String(words.popFirst() ?? "")
            default: break
            }
        }
    }

    /// The header with which a machine is asked; nil for one that is not there.
    func authorization(for machine: String) -> String? {
        logins.first { $0.machine == machine || $0.machine == nil }.map { login in
            "Basic \(Self.base64("\(login.user):\(login.password)".utf8))"
        }
    }

    private static func base64(_ bytes: some Collection<UInt8>) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let three = rest.prefix(3)
            rest = rest.dropFirst(3)
            let bits = (0..<3).reduce(0) { $0 << 8 | ($1 < three.count ? Int(three[three.startIndex + $1]) : 0) }
            for place in 0..<4 {
                text.append(place <= three.count ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
