/// A response, checked for being whole.
struct PageResponse: Sendable {
    let status: Int
    /// By name in lower case.
    let headers: [String: String]
    let body: [UInt8]
    /// From the connect to the last byte, as the thread that read it saw it: the test may have had to wait for a thread itself.
    let took: Duration

    var text: String { String(decoding: body, as: UTF8.self) }

    /// Reads the bytes of one whole response.
    ///
    /// - Throws: ``PageRequest/Failure`` where it is no response, or Content-Length is not the body's.
    init(_ bytes: [UInt8], hasBody: Bool, took: Duration) throws {
        guard let end = Self.endOfHead(bytes) else {
            throw PageRequest.Failure(description: "no response: \(String(decoding: bytes.prefix(200), as: UTF8.self))")
        }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            throw PageRequest.Failure(description: "no response: \(lines[0])")
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
        }
        self.status = status
        self.headers = headers
        self.took = took
        body = Array(bytes[(end + 4)...])
        guard !hasBody || headers["content-length"] == "\(body.count)" else {
            throw PageRequest.Failure(
                description:
                    "Content-Length is \(headers["content-length"] ?? "missing"), the body has \(body.count) bytes")
        }
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...(bytes.count - 4)).first { bytes[$0..<($0 + 4)].elementsEqual([13, 10, 13, 10]) }
    }
}
