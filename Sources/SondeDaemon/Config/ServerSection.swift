import Sonde

/// Reads one item of `servers`.
struct ServerSection {
    /// libpq's keywords of a connection string; an error never shows the string.
    typealias ConnectionStringParser = @Sendable (String) throws -> [String: String]

    /// The keys, in the order of the reference.
    static let keys = [
        "name", "kind", "dsn", "host", "port", "user", "dbname", "sslmode", "require_auth", "libpq", "password_file",
        "password_command", "password_credential", "password_env",
        "pooled",
        "connections", "logins_per_hour", "databases",
    ]
    /// A password in clear, where the user tries to write one.
    private static let passwordHint =
        "write password_file or password_command, which keep it out of this file"

    /// The folder that relative paths begin in.
    let folder: String
    let environment: [String: String]
    let parse: ConnectionStringParser

    /// A server, and whether a secret stands in the file.
    func server(_ node: YAMLNode, _ decoder: inout YAMLDecoder) -> (server: Configuration.Server, hasSecret: Bool)? {
        let hints = [
            "password": Self.passwordHint, "url": "did you mean \"dsn\"?", "uri": "did you mean \"dsn\"?",
            "database": "did you mean \"dbname\"?", "username": "did you mean \"user\"?",
        ]
        guard let keys = decoder.mapping(node, "a server", keys: Self.keys, hints: hints) else { return nil }
        let kind: ServerKind = keys["kind"].flatMap { decoder.choice($0, "kind") } ?? .postgresql
        var (keywords, ignored) = keywords(keys, &decoder)
        if kind == .pgbouncer { completeConsole(&keywords, keys, &decoder) }
        var server = Configuration.Server(name: "", kind: kind)
        server.keywords = keywords
        server.ignoredParameters = ignored
        if let node = keys["name"], let name = decoder.word(node, "name") {
            server.name = name
        } else {
            server.name = ServerName.ofServer(with: keywords, environment: environment)
        }
        readPassword(keys, &server, &decoder)
        if let node = keys["pooled"] { server.pooled = decoder.bool(node, "pooled") ?? false }
        if let node = keys["connections"] {
            server.connections = decoder.int(node, "connections", in: 1...2) ?? server.connections
        }
        if let node = keys["logins_per_hour"] {
            server.loginsPerHour = decoder.int(node, "logins_per_hour", in: 60...1_000_000) ?? server.loginsPerHour
        }
        if let databases = keys["databases"].flatMap({ DatabasesDecoder.read($0, &decoder) }) {
            server.databases = databases.include
            server.excludeDatabases = databases.exclude
        }
        return (server, ConnectionKeywords.secret.contains { keywords[$0] != nil })
    }

    /// Puts PgBouncer's own defaults where the user has said nothing, and reports what makes no sense there.
    private func completeConsole(
        _ keywords: inout [String: String], _ keys: YAMLMapping, _ decoder: inout YAMLDecoder
    ) {
        for key in ["pooled", "databases"] {
            guard let node = keys[key] else { continue }
            decoder.report(node, "\(key) is for PostgreSQL servers behind a PgBouncer: remove it")
        }
        if let database = keywords["dbname"], database != "pgbouncer", let node = keys["dbname"] ?? keys["dsn"] {
            decoder.report(
                node,
                "dbname is \(Spelling.quoted(database)), but PgBouncer's console is the database pgbouncer: remove it")
        }
        keywords["dbname"] = "pgbouncer"
        let hasPort = environment["PGPORT"] != nil || keywords["service"] != nil || environment["PGSERVICE"] != nil
        if keywords["port"] == nil, !hasPort { keywords["port"] = "6432" }
    }

    /// The keywords of `dsn`, of the keys that are called like keywords, and of `libpq`, each of which may be said once; and what of `dsn`
    /// is not heeded.
    private func keywords(
        _ keys: YAMLMapping, _ decoder: inout YAMLDecoder
    ) -> (keywords: [String: String], ignored: [String]) {
        var keywords: [String: String] = [:]
        var ignored: [String] = []
        var lines: [String: Int] = [:]
        func set(_ keyword: String, _ value: String, _ node: YAMLNode, _ decoder: inout YAMLDecoder) {
            if let reason = ConnectionKeywords.ours[keyword] {
                decoder.report(node, "\(keyword) cannot be set: \(reason)")
            } else if let line = lines[keyword] {
                decoder.report(node, "\(keyword) is set already, in line \(line): remove one of them")
            } else {
                if let problem = KeywordValues.problem(keyword, value) { decoder.report(node, problem) }
                keywords[keyword] = value
                lines[keyword] = node.line
            }
        }
        if let node = keys["dsn"], let text = decoder.word(node, "dsn") {
            do {
                let read = try DriverParameters.read(text, by: parse)
                ignored = read.ignored
                for (keyword, value) in read.keywords.sorted(by: { $0.key < $1.key }) {
                    set(keyword, value, node, &decoder)
                }
            } catch {
                decoder.report(node, "dsn: \(error): \(ConnectionKeywords.stringAdvice)")
            }
        }
        for key in ["host", "user", "dbname"] {
            if let node = keys[key], let text = decoder.word(node, key) { set(key, text, node, &decoder) }
        }
        if let node = keys["port"], let text = decoder.value(node, "port", Self.ports) {
            set("port", text, node, &decoder)
        }
        if let node = keys["sslmode"] {
            let mode = decoder.choice(node, "sslmode", of: ConnectionKeywords.SSLMode.self)
            if let mode { set("sslmode", mode.rawValue, node, &decoder) }
        }
        if let node = keys["require_auth"] {
            let words = decoder.value(node, "require_auth", ConnectionKeywords.requirement)
            if let words { set("require_auth", words, node, &decoder) }
        }
        if let node = keys["libpq"] {
            for entry in decoder.entries(node, "libpq") ?? [] {
                let keyword = entry.key.text ?? ""
                if keyword == "password" {
                    decoder.report(entry.key, "a password cannot stand here: \(Self.passwordHint)")
                } else if !isKeyword(keyword) {
                    let advice =
                        ConnectionKeywords.known.contains(keyword)
                        ? "the libpq of this machine is older than it: remove it, or install a newer libpq5"
                        : Spelling.nearest(keyword, among: ConnectionKeywords.known).map { "did you mean \"\($0)\"?" }
                            ?? "see \"Parameter Key Words\" in PostgreSQL's manual"
                    decoder.report(entry.key, "libpq does not know the keyword \(Spelling.quoted(keyword)): \(advice)")
                } else if let text = decoder.word(entry.value, keyword) {
                    set(keyword, text, entry.value, &decoder)
                }
            }
        }
        return (keywords, ignored)
    }

    /// One port, or one for each of several hosts.
    private static func ports(_ text: String) throws(ValueProblem) -> String {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard Spelling.isNumber(part), let port = Int(part), (1...65_535).contains(port) else {
                throw ValueProblem("\(Spelling.quoted(text)) is not a port: write a whole number from 1 to 65535")
            }
        }
        return text
    }

    /// Whether the libpq that we have knows a keyword.
    private func isKeyword(_ word: String) -> Bool {
        let isPlain = word.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
        }
        guard !word.isEmpty, isPlain else { return false }
        return (try? parse("\(word)=''")) != nil
    }

    private func readPassword(_ keys: YAMLMapping, _ server: inout Configuration.Server, _ decoder: inout YAMLDecoder) {
        if let node = keys["password_file"], let path = decoder.word(node, "password_file") {
            server.passwordFile = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        }
        if let node = keys["password_command"] {
            if case .sequence = node.content {
                server.passwordCommand = decoder.words(node, "password_command")
            } else {
                server.passwordCommand = decoder.word(node, "password_command").map { ["/bin/sh", "-c", $0] }
            }
        }
        if let node = keys["password_credential"] {
            server.passwordCredential = decoder.value(node, "password_credential") { name throws(ValueProblem) in
                guard !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else {
                    throw ValueProblem("write the credential's name as LoadCredential= in the unit has it")
                }
                return name
            }
        }
        if let node = keys["password_env"] {
            server.passwordVariable = decoder.value(node, "password_env") { name throws(ValueProblem) in
                let isName = name.utf8.allSatisfy {
                    Spelling.isNumber(String(UnicodeScalar($0))) || $0 == UInt8(ascii: "_")
                        || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
                        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                }
                guard isName, !name.isEmpty else {
                    throw ValueProblem("write the name of the variable, and not the password")
                }
                return name
            }
        }
        let given = ["password_file", "password_command", "password_credential", "password_env"].filter {
            keys[$0] != nil
        }
        if given.count > 1, let node = keys[given[1]] {
            decoder.report(node, "there is a \(given[0]) already: remove one of them")
        } else if let key = given.first, let node = keys[key], server.keywords["password"] != nil {
            decoder.report(node, "there is a password in dsn already: remove one of them")
        }
    }
}
