import NIOCore
import NIOHTTP1

/// What the HTTP server answers: the page, the landing page, health.
///
/// Nothing here waits for a database, unless the user wants collectors to run when they are scraped.
struct Routes: Sendable {
    let page: Page
    /// One per server.
    let pollers: [Poller]
    let telemetryPath: String
    /// Whether `/-/reload` does anything.
    let hasLifecycle: Bool
    static let reloadPath = "/-/reload"

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
        let isGet = request.method == .GET || request.method == .HEAD
        switch request.path {
        case telemetryPath, "/", "/-/healthy", "/-/ready":
            guard isGet else {
                return .text(.methodNotAllowed, "method not allowed: use GET or HEAD", headers: ["Allow": "GET, HEAD"])
            }
        default:
            return .text(.notFound, "not found: there are \(telemetryPath), /, /-/healthy and /-/ready")
        }
        switch request.path {
        case telemetryPath: return await metrics(request)
        case "/-/healthy": return .text(.ok, "pgsonde is healthy")
        // The listener is up only once the configuration is loaded and the pollers are started.
        case "/-/ready": return .text(.ok, "pgsonde is ready")
        default:
            let html = Landing(page: page, telemetryPath: telemetryPath).html
            return HTTPResponse(contentType: "text/html; charset=utf-8", body: [ByteBuffer(string: html)])
        }
    }

    private func reload(_ request: HTTPRequest, _ reload: () async -> Reloader.Outcome) async -> HTTPResponse {
        guard hasLifecycle else {
            return .text(.forbidden, "forbidden: --web.enable-lifecycle allows it; SIGHUP does the same")
        }
        guard request.method == .POST || request.method == .PUT else {
            return .text(.methodNotAllowed, "method not allowed: use POST or PUT", headers: ["Allow": "POST, PUT"])
        }
        switch await reload() {
        case .done: return .text(.ok, "the configuration was read anew")
        case .refused(let problems):
            return .text(.internalServerError, "nothing has changed:\n" + problems.joined(separator: "\n"))
        }
    }

    private func metrics(_ request: HTTPRequest) async -> HTTPResponse {
        var server: Int?
        if let name = request.query["server"] {
            let names = page.status.watches.map(\.name)
            server = names.firstIndex(of: name)
            guard server != nil else {
                return .text(
                    .notFound, "not found: there is no server of that name: there are \(names.joined(separator: ", "))")
            }
        }
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
