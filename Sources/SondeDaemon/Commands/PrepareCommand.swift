import ArgumentParser
import Glibc
import Sonde
import SondePostgres

/// `pgsonde prepare-db`: creates the role that pgsonde logs in with, or completes it.
struct PrepareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare-db", abstract: "Create or complete the role that pgsonde logs in with.",
        discussion: """
            The role may log in and is no superuser, has a connection limit, is a member of pg_monitor (and from \
            PostgreSQL 16 of pg_use_reserved_connections), may connect to the databases that are watched, and finds the \
            extensions there that the enabled collectors want. Running it again changes nothing.

            It connects as psql does: by the argument, PG* variables, .pgpass and service files, and asks for a password \
            at the terminal where one is needed. Without a host in the argument the server is that of the configuration. \
            The user is an administrator's, never that of the configuration.

            --with prepares for what pg_monitor does not cover: bloat, sequences, files, statements, the name of any \
            collector, all (of the collectors that run; not those that are off), or read_all_data (pg_read_all_data, \
            from PostgreSQL 14, which reads all tables).

            A limit of connections that is too low is raised, and none is ever lowered.

            The exit code is 0 if all is done, 1 if anything was refused, and 2 if the command line is wrong.
            """)

    @Argument(help: ArgumentHelp("A database, a URI or key=value pairs, without a password.", valueName: "connection"))
    var connection: String?

    @Option(help: ArgumentHelp("The role; by default the user of the configuration, or pgsonde.", valueName: "name"))
    var role: String?

    @Option(
        help: ArgumentHelp("Which of the configuration's servers, if there are several.", valueName: "name"))
    var server: String?

    @Option(help: ArgumentHelp("Prepare for these, too; separated by commas.", valueName: "names"))
    var with: String?

    @Option(
        help: ArgumentHelp(
            "A file whose first line becomes the role's password, - for standard input; sent as a SCRAM verifier.",
            valueName: "file"), completion: .file())
    var passwordFile: String?

    @Flag(name: .customLong("print"), help: "Print the SQL for psql, and change nothing.")
    var isPrinting = false

    @Option(help: ArgumentHelp("With --print: for this major version, without asking a server.", valueName: "major"))
    var serverVersion: Int?

    @Flag(help: "With --print: for an administrator who is no superuser, as managed clouds have.")
    var managed = false

    @OptionGroup var options: CommonOptions

    func validate() throws {
        if serverVersion != nil || managed, !isPrinting {
            throw ValidationError("--server-version and --managed are for --print: add it, or leave them out")
        }
        if let serverVersion, !(13...99).contains(serverVersion) {
            throw ValidationError("--server-version: \(serverVersion) is not supported: write 13 or newer")
        }
        if isPrinting, passwordFile != nil {
            throw ValidationError("--print shows no password: leave --password-file out, or --print")
        }
    }

    func run() async throws {
        let setup = try Setup.load(options, quietly: true)
        let target = try chosen(among: setup.configuration.servers)
        let role = role ?? target.keywords["user"] ?? "pgsonde"
        guard !role.isEmpty, !role.utf8.contains(0) else { throw Setup.Failure("--role: write a name", exitCode: 2) }
        if let serverVersion {
            let script = try script(setup, target, role, Version(serverVersion), isManaged: managed)
            guard Output.write(script.text().utf8) else { throw ExitCode(1) }
            return
        }
        let keywords = try keywords(for: target)
        let password = try password()
        do {
            let administrator = try await Administrator(keywords)
            let preparation = try await RolePreparation(administrator, role: role)
            let isManaged = managed || !preparation.isSuperuser
            let script = try script(setup, target, role, preparation.version, isManaged: isManaged)
            let visits = { (name: String) in target.visits(name) }
            if isPrinting {
                let text = try await preparation.text(script, visits: visits)
                guard Output.write(text.utf8) else { throw ExitCode(1) }
            } else if try await !preparation.run(script, password: password, visits: visits) {
                throw ExitCode(1)
            }
            await administrator.leave()
        } catch let error as PostgresError {
            throw Setup.Failure(error.description)
        }
    }

    private func chosen(among servers: [Configuration.Server]) throws(Setup.Failure) -> Configuration.Server {
        let names = servers.map(\.name)
        guard let server else {
            guard let only = servers.first, servers.count == 1 else {
                throw Setup.Failure(
                    "there are several servers: write --server with one of \(names.joined(separator: ", "))",
                    exitCode: 2)
            }
            return try checked(only)
        }
        guard let found = servers.first(where: { $0.name == server }) else {
            throw Setup.Failure(
                "--server: there is no \(Spelling.quoted(server)): \(Spelling.advice(for: server, among: names))",
                exitCode: 2)
        }
        return try checked(found)
    }

    private func checked(_ server: Configuration.Server) throws(Setup.Failure) -> Configuration.Server {
        guard server.kind == .postgresql else {
            throw Setup.Failure(
                "\(server.name) is a PgBouncer, which has no roles: add the user to stats_users in its configuration")
        }
        return server
    }

    private func script(
        _ setup: Setup, _ server: Configuration.Server, _ role: String, _ version: Version, isManaged: Bool
    ) throws -> RoleScript {
        let collectors = setup.registry.entries.map(\.collector)
        let enabled = collectors.filter { setup.configuration.collectors[$0.name]?.enabled ?? $0.enabled }
        let words = (with ?? "").split(separator: ",").map { word in
            String(word.drop { $0 == " " }.prefix { $0 != " " })
        }
        do throws(ValueProblem) {
            let needs = try RoleNeeds(
                collectors, enabled: Set(enabled.map(\.name)), with: words, version: version)
            // Two more than ours: one for a session whose end the server has not noticed, one for a person.
            return RoleScript(
                role: role, connectionLimit: server.connections + 2, version: version, isManaged: isManaged,
                needs: needs)
        } catch {
            throw Setup.Failure("--with: \(error)", exitCode: 2)
        }
    }

    /// libpq's keywords for the administrator's session.
    private func keywords(for server: Configuration.Server) throws(Setup.Failure) -> [String: String] {
        var keywords: [String: String] = [:]
        if let connection, connection.contains("=") || connection.contains("://") {
            do {
                keywords = try ConnectionString.parse(connection)
            } catch {
                throw Setup.Failure("\(error): \(ConnectionKeywords.stringAdvice)", exitCode: 2)
            }
        } else if let connection {
            keywords["dbname"] = connection
        }
        if let secret = ConnectionKeywords.secret.first(where: { keywords[$0] != nil }) {
            throw Setup.Failure(
                """
                a command line is seen by everyone on this machine: take the \(secret) out of it, and put it in \
                ~/.pgpass, PGPASSFILE, PGPASSWORD or a service file; or be asked for it
                """, exitCode: 2)
        }
        let place = ["host", "hostaddr", "port", "service"]
        if !place.contains(where: { keywords[$0] != nil }) {
            let kept = place + ["sslmode", "sslrootcert", "sslnegotiation", "gssencmode", "channel_binding"]
            for keyword in kept where keywords[keyword] == nil { keywords[keyword] = server.keywords[keyword] }
        }
        if keywords["dbname"] == nil, keywords["service"] == nil {
            keywords["dbname"] = server.keywords["dbname"] ?? (unsafe getenv("PGDATABASE") == nil ? "postgres" : nil)
        }
        return keywords
    }

    /// The password that the role is to have.
    private func password() throws(Setup.Failure) -> String? {
        guard let passwordFile else { return nil }
        do throws(FileProblems) {
            let bytes = try BoundedFile.read(passwordFile == "-" ? "/dev/stdin" : passwordFile, atMost: 8_192).bytes
            let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
            guard !line.isEmpty, !line.contains(0) else {
                throw FileProblems(problems: [FileProblem(passwordFile, "its first line is to be the password")])
            }
            return String(decoding: line, as: UTF8.self)
        } catch {
            throw Setup.Failure("--password-file: \(error)")
        }
    }
}
