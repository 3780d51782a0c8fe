/// An answer as a client sees it, read without the server's own code.
struct HTTPTestAnswer {
    let status: Int
    /// The headers by their names in lower case.
    let headers: [String: String]
    var body: [UInt8] = []

    /// Reads a head; nil if it is none.
    init?(head: String) {
        var lines = head.split(separator: "\r\n")[...]
        guard let first = lines.popFirst()?.split(separator: " "), first.count > 1, first[0] == "HTTP/1.1",
            let status = Int(first[1])
        else { return nil }
        self.status = status
        var headers: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstRange(of: ": ") else { return nil }
            headers[line[..<colon.lowerBound].lowercased()] = String(line[colon.upperBound...])
        }
        self.headers = headers
    }

    var length: Int? { headers["content-length"].flatMap { Int($0) } }
    var text: String { String(decoding: body, as: UTF8.self) }
}
