import Sonde
import SondePostgres

/// What works of a server and its collectors, what does not, why, and what mends it.
struct Diagnosis: Sendable {
    /// Something to know.
    struct Finding: Sendable, Hashable {
        /// Whether it is a fault, and no mere advice.
        let isWrong: Bool
        /// The collectors that it is about; none where it is the server.
        var collectors: [String] = []
        let what: String
        /// Statements or settings, in order.
        var mends: [String] = []
    }

    let name: String
    let kind: ServerKind
    /// The kind and version of the server; nil where it was not reached.
    var title: String?
    /// The role that logs in.
    var role: String?
    /// Whether the session is encrypted; nil where that is not known, or goes by a socket.
    var isEncrypted: Bool?
    /// When the server's certificate ends, in seconds since 1970; nil without TLS.
    var certificateNotAfter: Double?
    /// When our certificate for the server ends, in seconds since 1970; nil without one.
    var clientCertificateNotAfter: Double?
    var findings: [Finding] = []
    /// The command that grants all that is not there; nil where no grant is wanted, or one that is said.
    var preparation: String?
    /// How each collector stands, by the order of the page.
    var collectors: [(name: String, state: Watch.State, report: Watch.Report?)] = []
    /// Names that a report for others should not have, with what stands for them.
    var names: [(text: String, mask: String)] = []

    /// Whether nothing is wrong.
    var isWell: Bool { !findings.contains(where: \.isWrong) }

    /// Examines a server.
    ///
    /// - Parameters:
    ///   - index: the server's place among the engine's.
    ///   - engine: which has not run yet.
    init(_ index: Int, of engine: Engine) async {
        let (poller, watch) = (engine.pollers[index], engine.page.status.watches[index])
        let server = engine.configuration.servers[index]
        (name, kind) = (server.name, server.kind)
        var remedy = Remedy(server)
        findings = await server.passwordFileWarnings().map { Finding(isWrong: false, what: $0) }
        var databases: [String] = []
        do {
            if let (facts, names) = try await Self.ask(poller.target) {
                let version = facts["version"].flatMap { Int($0) }.map { Version(serverNumber: $0) }
                remedy = Remedy(server, role: facts["role"], version: version ?? 13)
                role = facts["role"]
                isEncrypted = facts["encrypted"].map { $0 == "true" }
                databases = names
                findings += Self.findings(facts, remedy, server)
            }
            await poller.runOnce()
        } catch {
            var error = error as? PostgresError ?? PostgresError(.other, message: "\(error)")
            let mends = remedy.mends(of: error)
            // What to do is said once.
            if let hint = error.hint, mends.contains(hint) { error.hint = nil }
            findings.append(Finding(isWrong: true, what: "\(error.errorClass.rawValue): \(error)", mends: mends))
        }
        let picture = watch.look()
        certificateNotAfter = picture.certificateNotAfter
        if let end = certificateNotAfter {
            findings += Self.findings("the server's certificate", end, [remedy.newCertificate])
        }
        clientCertificateNotAfter = picture.clientCertificateNotAfter
        if let end = clientCertificateNotAfter {
            findings += Self.findings("our certificate for the server", end, [Remedy.newClientCertificate])
        }
        title = picture.facts.map(watch.title)
        if title == nil, findings.allSatisfy({ !$0.isWrong }) {
            let reason = picture.failure?.rawValue ?? "other"
            findings.append(Finding(isWrong: true, what: "\(reason): \(picture.failureDetail)"))
        }
        let registry = engine.registry
        for place in registry.entries.indices where registry.entries[place].collector.asks(kind) {
            let condition = picture.conditions[place]
            collectors.append((registry.entries[place].collector.name, condition.state, condition.last))
        }
        if title != nil {
            let isStandby = picture.facts?.isInRecovery ?? false
            findings += collectorFindings(remedy, engine.configuration, isStandby: isStandby)
            let closed = findings.filter { !$0.isWrong && $0.what.contains(" ON ") }.flatMap(\.collectors)
            if closed.count > 1 {
                let command = "\(remedy.prepare) --with \(closed.joined(separator: ","))"
                preparation = isStandby ? "on the primary: \(command)" : command
            }
        }
        // Whoever named them: the configuration, a service or the environment.
        let keywords = EffectiveKeywords(server.keywords)
        for (keyword, mask) in ConnectionKeywords.personal {
            guard let value = keywords[keyword] else { continue }
            names.append((value, mask))
            // An error tells of one of several hosts.
            names += value.split(separator: ",").map { (String($0), mask) }
        }
        names += [(server.name, "<server \(index + 1)>"), (role ?? "", "<role>")]
        names += databases.enumerated().map { ($1, "<database \($0 + 1)>") }
        names += [(server.passwordFile ?? "", "<file>")]
    }

    /// Examines what asks no server; nil where there is nothing of the kind.
    init?(besideServersOf engine: Engine) async {
        guard let (places, watch) = engine.page.status.local else { return nil }
        await engine.localPoller?.runOnce()
        (name, kind, title) = ("beside the servers", .postgresql, "")
        let picture = watch.look()
        collectors = places.map {
            (engine.registry.entries[$0].collector.name, picture.conditions[$0].state, picture.conditions[$0].last)
        }
        findings = collectorFindings(Remedy(Configuration.Server(name: "")), engine.configuration, isStandby: false)
    }

    /// What is wrong with collectors, and what is not there; one finding for all that have the same reason.
    private func collectorFindings(
        _ remedy: Remedy, _ configuration: Configuration, isStandby: Bool
    ) -> [Finding] {
        var findings: [Finding] = []
        func add(_ finding: Finding) {
            let isSame = { (other: Finding) in
                other.what == finding.what && other.isWrong == finding.isWrong && other.mends == finding.mends
            }
            if let same = findings.firstIndex(where: isSame) {
                findings[same].collectors += finding.collectors
            } else {
                findings.append(finding)
            }
        }
        for (name, state, report) in collectors {
            let isLacking = state == .unavailable || state == .partial
            guard state.isFailure || state == .pending || isLacking else { continue }
            let isWanted = configuration.collectors[name]?.enabled == true
            let lacks = report?.lacks.texts ?? []
            for detail in lacks.isEmpty ? [report?.detail ?? "it has not run"] : lacks {
                var (what, mends) = remedy.parts(of: detail, isStandby: isStandby)
                if report?.errors[.timeout] != nil {
                    mends.append("in the configuration, collectors: {\(name): {timeout: 30s}}")
                }
                // What everybody has with pg_monitor is a fault where it is not there; what more grants bring is the user's to want.
                let isWrong = !isLacking || isWanted || what.hasPrefix("needs the privileges of pg_")
                if state == .partial { what = "shows a part only: \(what)" }
                add(Finding(isWrong: isWrong, collectors: [name], what: what, mends: mends))
            }
        }
        return findings.filter(\.isWrong) + findings.filter { !$0.isWrong }
    }

    // MARK: The session

    /// Logs in as the daemon does, and asks what no collector shows.
    ///
    /// - Returns: facts, and the names of the databases; nil where it is a console, which can only be asked by its collectors.
    /// - Throws: why there is no session.
    private static func ask(_ target: Target) async throws -> (facts: [String: String], databases: [String])? {
        let password = try await Credentials.password(of: target.server)
        let settings = target.settings(database: nil, password: password, statementTimeout: .seconds(10))
        let connection = Connection(settings)
        try await connection.open(within: .seconds(10))
        defer { Task { await connection.close(within: .seconds(1)) } }
        guard target.server.kind == .postgresql else { return nil }
        let setting = { (name: String) in "(SELECT setting FROM pg_settings WHERE name = '\(name)') AS \(name)" }
        let sql = """
            SELECT current_user::text AS role, current_setting('server_version_num') AS version, rolsuper::text AS superuser, rolconnlimit::text AS connections,
            pg_has_role('pg_monitor', 'USAGE')::text AS monitors, pg_is_in_recovery()::text AS recovery, (inet_server_addr() IS NULL)::text AS local,
            (SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND inet_server_addr() IS NOT NULL) AS encrypted,
            \(["track_activities", "track_counts", "track_io_timing"].map(setting).joined(separator: ", "))
            FROM pg_roles WHERE rolname = current_user
            """
        guard let facts = try await connection.texts(of: sql, within: .seconds(10)).first else { return nil }
        let names = "SELECT datname::text AS name FROM pg_database WHERE NOT datistemplate"
        return (facts, try await connection.texts(of: names, within: .seconds(10)).compactMap { $0["name"] })
    }

    /// What there is to say of a certificate that has not long to go.
    private static func findings(_ certificate: String, _ end: Double, _ mends: [String]) -> [Finding] {
        let left = end - WallClock.now()
        guard left < Watch.certificateNotice else { return [] }
        let moment = Legible.moment(end)
        let what =
            left > 0
            ? "\(certificate) ends in \(Legible.age(left)): \(moment)"
            : "\(certificate) ended at \(moment): who checks it refuses it"
        return [Finding(isWrong: left <= 0, what: what, mends: mends)]
    }

    private static func findings(
        _ facts: [String: String], _ remedy: Remedy, _ server: Configuration.Server
    ) -> [Finding] {
        let name = Identifier.quoted(remedy.role)
        let place = facts["recovery"] == "true" ? "on the primary: " : ""
        var findings: [Finding] = []
        if facts["superuser"] == "true" {
            findings.append(
                Finding(
                    isWrong: false,
                    what: "the role is a superuser: what pgsonde never needs, and who steals it has all",
                    mends: ["pgsonde prepare-db --role pgsonde --password-file FILE, and user: pgsonde"]))
        } else if facts["monitors"] != "true" {
            findings.append(
                Finding(
                    isWrong: true, what: "the role is no member of pg_monitor",
                    mends: ["\(place)GRANT pg_monitor TO \(name)"])
            )
        }
        let limit = facts["connections"].flatMap { Int($0) } ?? server.connections
        let limiting = "\(place)ALTER ROLE \(name) CONNECTION LIMIT \(server.connections + 2)"
        if limit >= 0, limit < server.connections {
            findings.append(
                Finding(
                    isWrong: true, what: "the role may have \(limit) sessions, and pgsonde wants \(server.connections)",
                    mends: [limiting]))
        } else if limit < 0, facts["superuser"] != "true" {
            findings.append(
                Finding(
                    isWrong: false,
                    what: "the role has no CONNECTION LIMIT: with one the server, too, bounds what it may take up",
                    mends: [limiting]))
        }
        if facts["encrypted"] == "false", facts["local"] == "false", !server.isLoopback {
            findings.append(
                Finding(
                    isWrong: false, what: "the session is not encrypted",
                    mends: ["in the configuration: sslmode: verify-full, with ssl = on at the server"]))
        }
        for setting in ["track_activities", "track_counts"] where facts[setting] == "off" {
            findings.append(
                Finding(
                    isWrong: true, what: "\(setting) is off, so that the server counts next to nothing",
                    mends: ["ALTER SYSTEM SET \(setting) = on", "SELECT pg_reload_conf()"]))
        }
        if facts["track_io_timing"] == "off" {
            findings.append(
                Finding(
                    isWrong: false, what: "track_io_timing is off: times of reading and writing stay 0",
                    mends: ["ALTER SYSTEM SET track_io_timing = on", "SELECT pg_reload_conf()"]))
        }
        return findings
    }
}

extension Configuration.Server {
    /// Whether nobody but this machine sees what is sent.
    fileprivate var isLoopback: Bool {
        ["localhost", "127.0.0.1", "::1"].contains(keywords["hostaddr"] ?? keywords["host"] ?? "localhost")
    }
}
