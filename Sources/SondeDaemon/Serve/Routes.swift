import NIOCore
import NIOHTTP1
import NIOPosix

/// What the HTTP server answers: the metrics page, the status page, health.
///
/// Nothing here waits for a database, unless the user wants collectors to run when they are scraped.
struct Routes: Sendable {
    /// What is in force.
    let source: StatusReport.Source

    private var page: Page { source.page }
    private var pollers: [Poller] { source.pollers }
    private var telemetryPath: String { source.configuration.web.telemetryPath }
    static let reloadPath = "/-/reload"
    /// The pages beside that of the metrics.
    static let otherPaths = ["/", "/status", "/status.json", "/-/healthy", "/-/ready"]

    /// Prometheus' own default, for clients that do not say how long they wait.
    private static let usualScrapeTimeout = Duration.seconds(10)
    private static let exposition = "text/plain; version=0.0.4; charset=utf-8"

    /// Answers a request.
    ///
    /// - Parameters:
    ///   - request: what is asked for.
    ///   - reload: reads the configuration anew.
    /// - Returns: the answer.
    func answer(_ request: HTTPRequest, reload: () async -> Reloader.Outcome) async -> HTTPResponse {
        if request.path == Self.reloadPath { return await self.reload(request, reload) }
        guard request.path == telemetryPath || Self.otherPaths.contains(request.path) else {
            return .text(
                .notFound, "not found: there are \(telemetryPath), /, /status, /status.json, /-/healthy and /-/ready")
        }
        guard request.method == .GET || request.method == .HEAD else {
            return .text(.methodNotAllowed, "method not allowed: use GET or HEAD", headers: ["Allow": "GET, HEAD"])
        }
        switch request.path {
        case "/-/healthy": return .text(.ok, "pgsonde is healthy")
        // The listener is up only once the configuration is loaded and the pollers are started.
        case "/-/ready": return .text(.ok, "pgsonde is ready")
        default: break
        }
        var server: Int?
        if let name = request.query["server"] {
            let names = page.status.watches.map(\.name)
            server = names.firstIndex(of: name)
            guard server != nil else {
                return .text(
                    .notFound, "not found: there is no server of that name: there are \(names.joined(separator: ", "))")
            }
        }
        if request.path == telemetryPath { return await metrics(request, of: server) }
        return await status(server, asJSON: request.path == "/status.json")
    }

    private func reload(_ request: HTTPRequest, _ reload: () async -> Reloader.Outcome) async -> HTTPResponse {
        guard source.configuration.web.hasLifecycle else {
            return .text(.forbidden, "forbidden: --web.enable-lifecycle allows it; SIGHUP does the same")
        }
        guard request.method == .POST || request.method == .PUT else {
            return .text(.methodNotAllowed, "method not allowed: use POST or PUT", headers: ["Allow": "POST, PUT"])
        }
        switch await reload() {
        case .done(let problems):
            let done = "the configuration was read anew"
            guard !problems.isEmpty else { return .text(.ok, done) }
            return .text(.ok, "\(done), without files that have mistakes:\n" + problems.joined(separator: "\n"))
        case .refused(let problems):
            return .text(.internalServerError, "nothing has changed:\n" + problems.joined(separator: "\n"))
        }
    }

    /// How everything stands, for people or for programs.
    private func status(_ server: Int?, asJSON: Bool) async -> HTTPResponse {
        // Of many servers this is work for a thread of its own: the shared pool stays free for the polls.
        let response = try? await NIOThreadPool.singleton.runIfActive { () -> HTTPResponse in
            let report = StatusReport(source, of: server)
            if asJSON {
                let text = StatusDocument(report: report).json.document
                return HTTPResponse(
                    contentType: "application/json", headers: ["Cache-Control": "no-store"],
                    body: [ByteBuffer(string: text)])
            }
            let html = StatusPage(report: report, nonce: StatusPage.makeNonce())
            return HTTPResponse(
                contentType: "text/html; charset=utf-8",
                headers: [
                    "Content-Security-Policy": html.policy, "X-Content-Type-Options": "nosniff",
                    "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
                ], body: [ByteBuffer(string: html.html.markup)])
        }
        return response ?? .text(.serviceUnavailable, "pgsonde is ending")
    }

    private func metrics(_ request: HTTPRequest, of server: Int?) async -> HTTPResponse {
        await refresh(server.map { [pollers[$0]] } ?? pollers, for: request)
        let start = ContinuousClock.now
        let body = await page.body(gzip: request.acceptsGzip, of: server)
        page.status.scrapes.add(bytes: body.length, duration: .now - start)
        var headers: HTTPHeaders = ["Vary": "Accept-Encoding"]
        if body.isCompressed { headers.add(name: "Content-Encoding", value: "gzip") }
        return HTTPResponse(contentType: Self.exposition, headers: headers, body: body.pieces)
    }

    /// Runs the collectors that run on a scrape, for as long as the scraper waits and leaves time to answer.
    private func refresh(_ pollers: [Poller], for request: HTTPRequest) async {
        let asked = pollers.filter { !$0.runsOnScrape.isEmpty }
        guard !asked.isEmpty, request.method == .GET else { return }
        let patience = request.scrapeTimeout ?? Self.usualScrapeTimeout
        let deadline = ContinuousClock.now + max(patience - .milliseconds(500), patience / 2)
        await withTaskGroup { group in
            for poller in asked { group.addTask { await poller.refresh(until: deadline) } }
        }
    }
}
