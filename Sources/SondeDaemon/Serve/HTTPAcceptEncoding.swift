/// What a client says of content codings (RFC 9110, 12.5.3).
struct HTTPAcceptEncoding: Sendable, Hashable {
    /// The weights by coding, in lower case; the first mention counts.
    private var weights: [String: Double] = [:]

    /// Reads the header's values, of which there may be several, or none.
    init(_ values: [String]) {
        for element in values.joined(separator: ",").split(separator: ",") {
            let parts = element.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
            let coding = parts[0] == "x-gzip" ? "gzip" : parts[0]
            guard !coding.isEmpty, weights[coding] == nil else { continue }
            weights[coding] = Self.weight(parts.dropFirst())
        }
    }

    /// Whether gzip is welcome and the client would not rather have the bare text.
    ///
    /// A client that does not mention gzip does not get it, though the RFC would allow it.
    var prefersGzip: Bool {
        guard let gzip = weights["gzip"] ?? weights["*"], gzip > 0 else { return false }
        return gzip >= weights["identity"] ?? 0
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text.drop { $0 == " " || $0 == "\t" }.lowercased()
    }

    /// The value of `q`, 1 by default; one that cannot be read, or that is no weight, is 0: better plain than garbled.
    private static func weight(_ parameters: ArraySlice<String>) -> Double {
        for parameter in parameters {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
            guard parts[0] == "q" else { continue }
            guard parts.count == 2, let weight = Double(parts[1]), (0...1).contains(weight) else { return 0 }
            return weight
        }
        return 1
    }
}
