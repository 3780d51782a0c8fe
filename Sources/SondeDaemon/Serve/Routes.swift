import NIOCore
import NIOHTTP1

/// What the HTTP server answers: the page, the landing page, health.
///
/// Nothing here asks a database.
struct Routes: Sendable {
    let page: Page
    let telemetryPath: String

    private static let exposition = "text/plain; version=0.0.4; charset=utf-8"

    /// Answers a request.
    func answer(_ request: HTTPRequest) async -> HTTPResponse {
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

    private func metrics(_ request: HTTPRequest) async -> HTTPResponse {
        let start = ContinuousClock.now
        let body = await page.body(gzip: request.acceptsGzip)
        page.status.scrapes.add(bytes: body.length, duration: .now - start)
        var headers: HTTPHeaders = ["Vary": "Accept-Encoding"]
        if body.isCompressed { headers.add(name: "Content-Encoding", value: "gzip") }
        return HTTPResponse(contentType: Self.exposition, headers: headers, body: body.pieces)
    }
}
