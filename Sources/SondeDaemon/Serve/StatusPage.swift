import Sonde
import SondePostgres

/// The page for people at `/` and `/status`: servers, how they and their collectors stand, the configuration.
struct StatusPage {
    /// The most servers whose collectors are all on one page; of more there is a table, and a page for each.
    private static let mostWhole = 4

    let report: StatusReport
    /// What allows the page's own style, and nothing else: a text that nobody could have known before.
    let nonce: String

    /// What a browser may do with the page: show it, in its own style, without scripts, things from elsewhere, or a frame around it.
    var policy: String {
        "default-src 'none'; style-src 'nonce-\(nonce)'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }

    /// A nonce.
    static func makeNonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return [generator.next() as UInt64, generator.next()].map { String($0, radix: 16) }.joined()
    }

    /// The page; everything that comes from a database or the configuration is escaped.
    var html: HTML {
        let isWhole = report.servers.count <= Self.mostWhole
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>pgsonde: \(summary)</title><style nonce="\(nonce)">\(StatusStyle.css)</style></head><body>
            <header><h1><a href="./">pgsonde</a> <small>\(Build.version)</small></h1>
            <p>PostgreSQL metrics for Prometheus: \(link(report.telemetryPath)), \(link("/status.json")), \
            \(link("/-/healthy")), \(link("/-/ready"))</p></header>
            <main>
            \(report.reading.isGood ? "" : reading)
            \(report.servers.count > 1 ? table : "")
            \(isWhole ? report.servers.map(section) : [])
            \(report.local.isEmpty ? "" : local)
            <section><h2>Configuration</h2>
            \(report.reading.isGood ? reading : "")
            <p>pgsonde runs since \(moment(report.started)).</p>
            <details><summary>What is in force, without secrets</summary><pre>\(report.configuration)</pre></details></section>
            </main><footer>As of \(Legible.moment(report.time)). Reload to see more.</footer></body></html>

            """
    }

    /// The title that a tab shows.
    private var summary: String {
        let down = report.servers.count { !$0.isUp }
        let collectors = report.servers.flatMap(\.collectors) + report.local
        let troubled = collectors.count { $0.state.isFailure || $0.state == .stale }
        if down > 0 { return "\(down) of \(report.servers.count) down" }
        return troubled == 0 ? "all well" : "\(troubled) collector\(troubled == 1 ? "" : "s") failing"
    }

    /// A link to a path of ours that works behind a proxy that adds a prefix, too.
    private func link(_ path: String, _ text: String? = nil) -> HTML {
        let target: String = ".\(path)"
        return "<a href=\"\(target)\">\(text ?? path)</a>"
    }

    private func moment(_ seconds: Double) -> HTML {
        "\(Legible.moment(seconds)) (\(Legible.age(report.time - seconds)))"
    }

    /// When the configuration was read, and what was wrong with it.
    private var reading: HTML {
        let time = moment(report.reading.time)
        guard !report.reading.isGood else { return "<p>That of \(time).</p>" }
        let problems = report.reading.problems.map { "<li>\($0)</li>" as HTML }
        let what: HTML =
            report.reading.isInForce
            ? "What is wrong in the files of collectors_dir, read \(time), is left out:"
            : "There were mistakes in the configuration of \(time), so the one before it is in force:"
        return "<p class=\"bad\">\(what)</p><ul>\(problems)</ul>"
    }

    // MARK: Servers

    private func state(of server: StatusReport.Server) -> HTML {
        if server.isUp { return "<b class=\"ok\">up</b>" }
        guard let reason = server.reason else { return "<b class=\"dim\">not reached yet</b>" }
        return "<b class=\"bad\">down: \(reason.rawValue)</b>"
    }

    private func title(of server: StatusReport.Server) -> String {
        guard let facts = server.facts else { return "" }
        let name = server.kind == .pgbouncer ? "PgBouncer" : "PostgreSQL"
        return "\(name) \(facts.version)\(server.role.map { ", \($0)" } ?? "")"
    }

    /// Collectors by how they stand, in few words.
    private func tally(of server: StatusReport.Server) -> HTML {
        let failed = server.count(.failed, .breakerOpen, .stale)
        let (partial, missing) = (server.count(.partial), server.count(.unavailable))
        return """
            \(server.count(.ok)) ok\
            \(failed > 0 ? ", <span class=\"bad\">\(failed) failed</span>" as HTML : "")\
            \(partial > 0 ? ", \(partial) partial" as HTML : "")\
            \(missing > 0 ? ", \(missing) unavailable" as HTML : "")
            """
    }

    private func lag(of server: StatusReport.Server) -> String {
        var parts: [String] = []
        if let seconds = server.lag.replaySeconds { parts.append(Legible.age(seconds)) }
        if let bytes = server.lag.replayBytes { parts.append("\(Legible.bytes(bytes)) not replayed") }
        if server.lag.followers > 0 {
            let last = server.lag.followerBytes.map { ", the last one \(Legible.bytes($0)) behind" } ?? ""
            parts.append("\(server.lag.followers) receiver\(server.lag.followers == 1 ? "" : "s")\(last)")
        }
        return parts.joined(separator: ", ")
    }

    private var table: HTML {
        let rows = report.servers.map { server -> HTML in
            let target: String = "./status?server=\(HTTPQuery.encoded(server.name))"
            return """
                <tr><td><a href="\(target)">\(server.name)</a></td>\
                <td>\(state(of: server))</td><td>\(title(of: server))</td><td>\(tally(of: server))</td>\
                <td>\(server.upSince.map { Legible.age(report.time - $0) } ?? "")</td>\
                <td>\(lag(of: server))</td></tr>

                """
        }
        return """
            <section><h2>Servers</h2><table class="servers"><thead><tr><th>server</th><th>state</th><th>what</th>\
            <th>collectors</th><th>up for</th><th>lag</th></tr></thead><tbody>
            \(rows)</tbody></table></section>
            """
    }

    /// Until when a certificate is good.
    private func certificate(_ end: Double) -> HTML {
        let until: HTML = "until \(Legible.moment(end))"
        return end - report.time < Watch.certificateNotice ? "<b class=\"bad\">\(until)</b>" : until
    }

    /// What asks no server.
    private var local: HTML {
        """
        <section><h2>Beside the servers</h2>
        \(CollectorTable(collectors: report.local).html)</section>

        """
    }

    private func section(_ server: StatusReport.Server) -> HTML {
        let fact = { (name: String, text: HTML) -> HTML in "<div><dt>\(name)</dt><dd>\(text)</dd></div>" }
        let title = title(of: server)
        let lag = lag(of: server)
        let isAlone = report.servers.count == 1 && report.only == nil
        let path = "\(report.telemetryPath)?server=\(HTTPQuery.encoded(server.name))"
        return """
            <section><h2>\(server.name) \(state(of: server))</h2>
            \(server.isUp || server.detail.isEmpty ? "" : "<p class=\"why\">\(server.detail)</p>" as HTML)
            <dl>\(title.isEmpty ? "" : fact("server", "\(title)"))\
            \(server.upSince.map { fact("up since", moment($0)) } ?? "")\
            \(lag.isEmpty ? "" : fact("lag", "\(lag)"))\
            \(server.certificateNotAfter.map { fact("certificate", certificate($0)) } ?? "")\
            \(server.clientCertificateNotAfter.map { fact("our certificate", certificate($0)) } ?? "")\
            \(fact("connections", "\(server.openConnections) open, \(server.openedConnections) opened so far"))\
            \(fact("collectors", tally(of: server)))\
            \(isAlone ? "" : fact("metrics", link(path, "of this server alone")))</dl>
            \(CollectorTable(collectors: server.collectors).html)</section>

            """
    }
}
