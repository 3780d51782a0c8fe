import Glibc

/// One HTTP request on a connection of its own, as a scraper sends it.
struct Scrape {
    /// The response with its head; empty unless it was asked for.
    private(set) var bytes: [UInt8] = []
    /// The length of the response with its head.
    private(set) var count = 0
    let seconds: Double

    /// Where what nobody asked for goes: the client runs on the processors of the server, and should do next to nothing.
    private nonisolated(unsafe) static let sink = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 1 << 20, alignment: 1)

    /// Sends the request and reads to the end; nil where there is no answer.
    init?(port: Int, accepting encoding: String = "identity", keeping isKept: Bool = false) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        let start = ContinuousClock.now
        let connected = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let request = Array(
            "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: \(encoding)\r\nConnection: close\r\n\r\n".utf8
        )
        guard connected == 0, write(client, request, request.count) == request.count else { return nil }
        while true {
            let more = read(client, Self.sink.baseAddress, Self.sink.count)
            guard more > 0 else { break }
            count += more
            if isKept { bytes.append(contentsOf: Self.sink[..<more]) }
        }
        seconds = (ContinuousClock.now - start) / .seconds(1)
    }

    /// How many lines of a kept response are samples, roughly: its head counts, too.
    var samples: Int {
        var lines = 0
        var isStart = true
        for byte in bytes {
            if isStart, byte != UInt8(ascii: "#") { lines += 1 }
            isStart = byte == 10
        }
        return lines
    }
}
