import NIOHTTP1

/// What a client asks for.
///
/// It has no body: requests with one are refused before they get here.
struct HTTPRequest: Sendable {
    let method: HTTPMethod
    /// The path, percent-decoded, without the query.
    let path: String
    let query: HTTPQuery
    let headers: HTTPHeaders

    /// Makes a request of the target as it was sent: `/metrics?server=a`, or with scheme and host as a proxy's clients do.
    init(method: HTTPMethod, uri: String, headers: HTTPHeaders = [:]) {
        self.method = method
        self.headers = headers
        var target = uri[...]
        if !target.hasPrefix("/"), let scheme = target.firstRange(of: "://") {
            let rest = target[scheme.upperBound...]
            target = rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
        }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = HTTPQuery.decoded(parts.first ?? "", plusIsSpace: false)
        query = HTTPQuery(parts.count > 1 ? parts[1] : "")
    }

    /// Whether the answer may, and had better, be compressed.
    var acceptsGzip: Bool {
        HTTPAcceptEncoding(headers["accept-encoding"]).prefersGzip
    }

    /// How long Prometheus waits for this scrape; nil if it did not say, or nothing that makes sense.
    var scrapeTimeout: Duration? {
        guard let text = headers.first(name: "x-prometheus-scrape-timeout-seconds"), let seconds = Double(text),
            seconds > 0, seconds <= 86_400
        else { return nil }
        return .seconds(seconds)
    }
}
