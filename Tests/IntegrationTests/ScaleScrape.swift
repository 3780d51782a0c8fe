import Glibc

/// A scrape of a page that is too large to be read by tests built for debugging: what matters of it is kept.
struct ScaleScrape: Sendable {
    private(set) var status = 0
    /// Bytes of the body.
    private(set) var length = 0
    /// The first and the last 256 kB, which are the page's own families.
    private(set) var head = ""
    private(set) var tail = ""

    private static let kept = 1 << 18

    /// Scrapes, and writes the body to a file if there is one.
    static func run(_ daemon: DaemonProcess, gzip: Bool = false, into path: String? = nil) async throws -> ScaleScrape {
        let port = daemon.port
        return try await blocking { try ScaleScrape(port, gzip: gzip, into: path) }
    }

    private init(_ port: Int, gzip: Bool, into path: String?) throws {
        let socket = FaultListener.connect(to: port)
        defer { close(socket) }
        let file = path.map { unsafe open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600) } ?? -1
        defer { if file >= 0 { close(file) } }
        let encoding = gzip ? "Accept-Encoding: gzip\r\n" : ""
        let request = Array("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(encoding)\r\n".utf8)
        _ = unsafe send(socket, request, request.count, Int32(MSG_NOSIGNAL))
        var buffer = [UInt8](repeating: 0, count: Self.kept)
        var first: [UInt8] = []
        var last: [UInt8] = []
        var total = 0
        var start = -1
        while case let count = unsafe recv(socket, &buffer, buffer.count, 0), count > 0 {
            total += count
            if first.count < Self.kept { first += buffer[..<count] }
            last = (last + buffer[..<count]).suffix(Self.kept)
            var skipped = 0
            if start < 0, let end = Self.endOfHead(first) {
                start = end
                skipped = count - (total - end)
            }
            if file >= 0, start >= 0 {
                _ = unsafe buffer.withUnsafeBytes {
                    unsafe write(file, $0.baseAddress?.advanced(by: skipped), count - skipped)
                }
            }
        }
        head = String(decoding: first, as: UTF8.self)
        tail = gzip ? "" : String(decoding: last, as: UTF8.self)
        status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
        length = total - start
        guard start > 0, head.prefix(4_096).contains("Content-Length: \(length)\r\n") else {
            throw PageRequest.Failure(description: "the answer is not whole: \(total) bytes")
        }
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        let most = min(bytes.count, 4_096)
        guard most >= 4 else { return nil }
        return (4...most).first { bytes[($0 - 4)..<$0].elementsEqual([13, 10, 13, 10]) }
    }
}
