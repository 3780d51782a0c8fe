import Foundation
import SondePostgres
import Testing

/// Passwords on their way from where they are kept to a server, and nowhere else.
@Suite(.enabled(if: TestServers.isAvailable))
struct PasswordTests {
    /// Where a password may be kept.
    enum Slot: String, CaseIterable {
        case file, command, credential, variable, source, passfile, service
    }

    /// Replaces scalars, and not characters: a quote before a combining mark is one with it, and still a quote.
    private static func replace(_ signs: [Unicode.Scalar: String], in text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if let other = signs[scalar] { result += other } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    /// Any text without what ends a line: what shells, URLs, YAML and libpq's own syntax give a meaning to, and all of Unicode.
    private static func random(_ generator: inout some RandomNumberGenerator) -> String {
        let signs = Array("@#=:{}%/\\'\"$`!&;, ?<>|*[]()~^+-_.äß€😀\u{301}\u{200F}\t".unicodeScalars)
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 1...40, using: &generator) {
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: text.append(signs.randomElement(using: &generator) ?? "x")
            case 1: text.append(Unicode.Scalar(UInt8.random(in: 33...126, using: &generator)))
            default:
                let scalar = Unicode.Scalar(UInt32.random(in: 0xA0...0x2FFFF, using: &generator))
                text.append(scalar ?? "y")
            }
        }
        // libpq and psql end a text there, and so do lines.
        let barred: Set<Unicode.Scalar> = ["\u{FEFF}", "\u{FFFE}", "\u{FFFF}"]
        return String(String.UnicodeScalarView(text.filter { !barred.contains($0) })).filter { !$0.isNewline }
    }

    /// The configuration of a server whose password is kept in a place, and what has to be at that place.
    private static func server(
        _ name: String, _ role: String, _ password: String, in slot: Slot, at server: TestServers.Server
    ) -> (text: String, files: [String: String], environment: [String: String]) {
        let place = "host: \(server.host)\n    port: \(server.port)\n    dbname: postgres\n    user: \(role)\n"
        let escape = { (text: String) in replace(["\\": "\\\\", ":": "\\:"], in: text) }
        switch slot {
        case .file: return (place + "    password_file: \(name)\n", [name: password + "\n"], [:])
        case .command:
            return (place + "    password_command: [cat, '{folder}/\(name)']\n", [name: password], [:])
        case .credential: return (place + "    password_credential: \(name)\n", ["credentials/\(name)": password], [:])
        case .variable: return (place + "    password_env: \(name)_ENV\n", [:], ["\(name)_ENV": password])
        case .source:
            let quoted = Self.replace(["\\": "\\\\", "'": "\\'"], in: password)
            let text = "host=\(server.host) port=\(server.port) dbname=postgres user=\(role) password='\(quoted)'"
            let yaml = Self.replace(["'": "''"], in: text)
            return ("dsn: '\(yaml)'\n", [:], [:])
        case .passfile:
            let line = "*:*:*:\(role):\(escape(password))\n"
            return (place + "    libpq: {passfile: '{folder}/\(name)'}\n", [name: line], [:])
        case .service:
            return ("libpq: {service: \(name)}\n", [:], [:])
        }
    }

    @Test("any password gets from anywhere to the server as it is", arguments: [0, 1] as [UInt64])
    func anyPassword(seed: UInt64) async throws {
        let server = try #require(TestServers.all.last)
        var generator = SystemRandomNumberGenerator()
        var sql = "SET client_encoding = 'UTF8';\n"
        var configuration = "servers:\n"
        var files: [String: String] = ["pg_service.conf": ""]
        var environment = [
            "PGSERVICEFILE": "{folder}/pg_service.conf", "CREDENTIALS_DIRECTORY": "{folder}/credentials",
        ]
        var passwords: [String: String] = [:]
        for number in 0..<4 {
            for slot in Slot.allCases {
                let name = "\(slot)_\(number)"
                var password = Self.random(&generator)
                // A value in a service file ends with its line, and begins at its first letter; a YAML text has no control characters.
                if slot == .service { password = "x" + password.filter { !$0.isWhitespace } + "x" }
                if slot == .source {
                    password =
                        password.filter { $0.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } }
                        + "x"
                }
                let role = "random_\(seed)_\(name)"
                passwords[name] = password
                sql += "DROP ROLE IF EXISTS \(role);\nCREATE ROLE \(role) LOGIN IN ROLE pg_monitor PASSWORD "
                sql += "'\(Self.replace(["'": "''"], in: password))';\n"
                let kept = Self.server(name, role, password, in: slot, at: server)
                configuration += "  - name: \(name)\n    \(kept.text)"
                files.merge(kept.files) { $1 }
                environment.merge(kept.environment) { $1 }
                if slot == .service {
                    files["pg_service.conf", default: ""] += """
                        [\(name)]
                        host=\(server.host)
                        port=\(server.port)
                        dbname=postgres
                        user=\(role)
                        password=\(password)

                        """
                }
            }
        }
        try Shell.psql(server, sql)
        defer {
            let roles = passwords.keys.map { "random_\(seed)_\($0)" }.joined(separator: ", ")
            _ = try? Shell.psql(server, "DROP ROLE \(roles)")
        }
        try await DaemonProgram.withFolder(files) { folder in
            for slot in [Slot.passfile] {
                for name in passwords.keys where name.hasPrefix(slot.rawValue) {
                    try FileManager.default.setAttributes(
                        [.posixPermissions: 0o600], ofItemAtPath: folder.appendingPathComponent(name).path)
                }
            }
            let fill = { (text: String) in text.replacing("{folder}", with: folder.path) }
            try Data(fill(configuration).utf8).write(to: folder.appendingPathComponent("pgsonde.yaml"))
            let program = try DaemonProgram(
                ["once", "--config.file=\(folder.path)/pgsonde.yaml"], environment: environment.mapValues(fill),
                in: folder)
            #expect(await program.end(within: .seconds(120)) == 0, "\(program.error.suffix(2_000))")
            let page = try PageText(program.output)
            for (name, password) in passwords {
                #expect(
                    page.value("pg_up", ["server": name]) == 1,
                    "\(name): \(password.debugDescription) \(Array(password.utf8))")
            }
        }
    }

    @Test(
        "of a password file that libpq does not read the log speaks, and not libpq", arguments: ["passfile", "service"])
    func unreadFile(place: String) async throws {
        let server = try #require(TestServers.all.last)
        let target = "host: \(server.host)\n    port: \(server.port)\n    user: monitor\n    dbname: postgres\n"
        let keywords = place == "service" ? "libpq: {service: s}" : "libpq: {passfile: '{folder}/p'}"
        let line = "*:*:*:monitor:monitor\n"
        let files = ["p": line, "s": "[s]\npassfile=/dev/null\n"]
        try await DaemonProgram.withFolder(files) { folder in
            let file = folder.appendingPathComponent("p").path
            let text = "servers:\n  - name: main\n    \(target)    \(keywords)\n".replacing(
                "{folder}", with: folder.path)
            try Data(text.utf8).write(to: folder.appendingPathComponent("c"))
            try Data("[s]\npassfile=\(file)\n".utf8).write(to: folder.appendingPathComponent("s"))
            for (mode, isRead) in [(0o640, false), (0o600, true)] {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
                for command in ["check --connect", "doctor", "once"] {
                    let words = command.split(separator: " ").map(String.init)
                    let result = try await DaemonProgram.run(
                        words + ["--config.file=\(folder.path)/c", "--log.format=json"],
                        environment: ["PGSERVICEFILE": "\(folder.path)/s"])
                    for line in result.error.split(separator: "\n") {
                        let entry = try? JSONSerialization.jsonObject(with: Data(line.utf8))
                        #expect(entry != nil, "\(command): \(line)")
                    }
                    let said = (result.output + result.error).contains(
                        "since its group or others have access: chmod go= it")
                    #expect(said == !isRead, "\(command) \(mode): \(result.output)\(result.error)")
                    if command != "once" { #expect(result.code == (isRead ? 0 : 1), "\(command) \(mode)") }
                }
            }
        }
    }

    /// What no text of ours may hold.
    private static let canary = "Kanarienvogel-7f3a"

    @Test("a password in any place shows in no log, no page, no error and no command line", .timeLimit(.minutes(3)))
    func canary() async throws {
        let server = try #require(TestServers.all.last)
        let canary = Self.canary
        var configuration = "log: {level: trace}\nservers:\n"
        var files: [String: String] = [:]
        var environment = [
            "CREDENTIALS_DIRECTORY": "{folder}/credentials", "PGSERVICEFILE": "{folder}/service",
            "PGPASSWORD": canary + "-PGPASSWORD", "PGSSLPASSWORD": canary,
        ]
        files["service"] = ""
        for slot in Slot.allCases {
            let name = slot.rawValue
            // Each is wrong, so that each way to fail is gone.
            let kept = Self.server(name, "monitor", "\(canary)-\(name)", in: slot, at: server)
            configuration += "  - name: \(name)\n    \(kept.text)"
            files.merge(kept.files) { $1 }
            environment.merge(kept.environment) { $1 }
        }
        files["service"] =
            "[service]\nhost=\(server.host)\nport=\(server.port)\nuser=monitor\npassword=\(canary)-service\n"
        configuration += """
              - name: words
                host: \(server.host)
                port: \(server.port)
                user: monitor
                password_command: [sh, -c, 'echo \(canary)-said >&2; exit 1', '\(canary)-argument']
              - name: lists
                host: \(server.host)
                port: \(server.port)
                user: monitor
                password_command: 'echo \(canary)-shell'
              - name: keys
                host: localhost
                port: \(server.port)
                user: monitor
                sslmode: require
                libpq: {sslpassword: \(canary)-key, sslcert: '{folder}/no.crt', sslkey: '{folder}/no.key'}
              - name: uri
                dsn: 'postgresql://monitor:\(canary)-uri@\(server.host):\(server.port)/postgres?sslpassword=\(canary)'

            """
        try await withDaemon(configuration, environment: environment, files: files) { daemon in
            let path = daemon.folder.appendingPathComponent("passfile").path
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            let names = Slot.allCases.map(\.rawValue) + ["words", "lists", "keys", "uri"]
            try await daemon.page("all have failed", within: .seconds(60)) { page in
                names.allSatisfy { name in
                    page.samples("pgsonde_server_failure", ["server": name]).contains { $0.value == 1 }
                }
            }
            func check(_ place: String, _ text: String) {
                let found = text.firstRange(of: canary).map { text[$0.lowerBound...].prefix(60) }
                #expect(found == nil, "\(place): …\(found ?? "")")
            }
            for path in ["/", "/metrics", "/status", "/status.json", "/-/ready", "/nothing?\(names[0])"]
                + names.map({ "/status?server=\($0)" })
            {
                check(path, try await daemon.get(path).text)
            }
            let process = "/proc/\(daemon.pid)"
            check(
                "cmdline",
                String(decoding: FileManager.default.contents(atPath: process + "/cmdline") ?? Data(), as: UTF8.self))
            // What the user put into the environment is there, for root and for the user who runs it; and nothing else.
            let variables = String(
                decoding: FileManager.default.contents(atPath: process + "/environ") ?? Data(), as: UTF8.self)
            for variable in variables.split(separator: "\0")
            where !environment.keys.contains(where: { variable.hasPrefix($0 + "=") }) {
                check("environ", String(variable))
            }
            // A file that is wrong behind a password, and beside one.
            let file = daemon.folder.appendingPathComponent("pgsonde.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            for wrong in [
                text + "  - {name: x, password: \(canary)}\n",
                text + "  - {name: x, dsn: 'host=a pass word=\(canary)'}\n",
                text + "  - {name: x, dsn: 'postgresql://u:\(canary)@@[/p'}\n",
                text + "  - {name: x, password_env: '\(canary)'}\n",
                text + "  - {name: x, libpq: {password: \(canary)}}\n",
                text + "  - {name: x, dsn: 'password=\(canary)', password_file: x}\n",
            ] {
                try Data(wrong.utf8).write(to: file)
                daemon.program.send(SIGHUP)
                let checked = try await DaemonProgram.run(
                    ["check", "--config.file=\(file.path)"], environment: ["PGSERVICEFILE": "/dev/null"])
                #expect(checked.code == 1)
                check("check of \(wrong.suffix(80))", checked.output + checked.error)
            }
            try Data(text.utf8).write(to: file)
            try await eventually("it was told") { daemon.log.contains("the configuration from before stays in force") }
            check("/status of a wrong file", try await daemon.get("/").text)
            let connected = try await DaemonProgram.run(
                ["check", "--connect", "--config.file=\(file.path)"],
                environment: environment.mapValues { $0.replacing("{folder}", with: daemon.folder.path) })
            check("check --connect", connected.output + connected.error)
            let sources = try await DaemonProgram.run(
                ["once", "--log.level=trace"],
                environment: [
                    "DATA_SOURCE_NAME": "postgresql://monitor:\(canary)@\(server.host):\(server.port)/postgres"
                ])
            check("once", sources.output + sources.error)
            check("the log", daemon.log)
        }
    }

    @Test("over TLS a server on another machine gets a SCRAM password, without TLS none that it could read")
    func anotherMachine() async throws {
        let server = try #require(TestServers.all.last { $0.ca != nil })
        // The way to ourselves, but no address of this machine's by its looks.
        let safe = Connection(server.settings("monitor", ["host": "0.0.0.0", "sslmode": "require"]))
        try await safe.open(within: .seconds(30))
        await safe.close(within: .seconds(5))
        let result = try await DaemonProgram.run(
            ["check", "--connect"],
            environment: [
                "DATA_SOURCE_NAME": "host=0.0.0.0 port=\(server.port) user=monitor password=monitor dbname=postgres"
            ])
        #expect(result.code == 0, "\(result.error)")
        #expect(result.error.contains("write sslmode: verify-full"), "said, for nobody makes sure of the server")
    }
}
