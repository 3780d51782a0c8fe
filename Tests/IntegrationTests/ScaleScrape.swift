import Glibc

/// A scrape of a page that is too large to be read by tests built for debugging: what matters of it is kept.
struct ScaleScrape: Sendable {
    private(set) var status = 0
    /// Bytes of the body.
    private(set) var length = 0
    /// The first 16 kB and the last 256 kB, where the families about ourselves are.
    private(set) var head = ""
    private(set) var tail = ""

    private static let kept = 1 << 18
    private static let most = 512 << 20

    /// Scrapes, and writes the body to a file if there is one.
    static func run(_ daemon: DaemonProcess, gzip: Bool = false, into path: String? = nil) async throws -> ScaleScrape {
        let port = daemon.port
        return try await blocking { try ScaleScrape(port, gzip: gzip, into: path) }
    }

    private init(_ port: Int, gzip: Bool, into path: String?) throws {
        let socket = FaultListener.connect(to: port)
        defer { close(socket) }
        let encoding = gzip ? "Accept-Encoding: gzip\r\n" : ""
        let request = Array("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(encoding)\r\n".utf8)
        _ = unsafe send(socket, request, request.count, Int32(MSG_NOSIGNAL))
        // Straight into memory: a debug build would take longer over the bytes than the daemon waits for its readers.
        let memory = UnsafeMutableRawPointer.allocate(byteCount: Self.most, alignment: 16)
        defer { unsafe memory.deallocate() }
        var total = 0
        while total < Self.most, case let count = unsafe recv(socket, memory + total, Self.most - total, 0), count > 0 {
            total += count
        }
        let text = { (range: Range<Int>) in
            unsafe String(
                decoding: UnsafeRawBufferPointer(start: memory + range.lowerBound, count: range.count), as: UTF8.self)
        }
        let first = unsafe UnsafeRawBufferPointer(start: memory, count: min(total, 4_096))
        let gap = (4..<max(first.count, 4)).first { unsafe first[($0 - 4)..<$0].elementsEqual([13, 10, 13, 10]) }
        guard let start = gap else { throw PageRequest.Failure(description: "no response: \(total) bytes") }
        length = total - start
        let answer = text(0..<start)
        status = Int(answer.split(separator: " ").dropFirst().first ?? "") ?? 0
        guard answer.contains("Content-Length: \(length)\r\n") else {
            throw PageRequest.Failure(description: "the answer is not whole: \(length) bytes of body after \(answer)")
        }
        if let path {
            let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            defer { close(file) }
            guard unsafe write(file, memory + start, length) == length else {
                throw PageRequest.Failure(description: "the page cannot be written to \(path)")
            }
        }
        guard !gzip else { return }
        head = text(start..<min(start + 16_384, total))
        tail = text(max(start, total - Self.kept)..<total)
    }
}
