import Dispatch
import Glibc

/// A request over a socket of its own; nothing between us and the bytes that the daemon sends.
struct PageRequest: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// `127.0.0.1:PORT` or `unix:PATH`.
    let address: String
    var method = "GET"
    var path = "/metrics"
    var headers: [String: String] = [:]

    /// Sends the request and reads until the server closes.
    ///
    /// - Throws: ``Failure`` where nobody answers in time, or the answer is cut off.
    func response(within limit: Duration) async throws -> PageResponse {
        // Blocking calls, on a thread that may block.
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try exchange(until: .now + limit) }) }
        }
    }

    private func exchange(until deadline: ContinuousClock.Instant) throws -> PageResponse {
        let start = ContinuousClock.now
        let file = try connected()
        defer { close(file) }
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        var rest = Array((head + "\r\n").utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure(description: "the request cannot be sent: errno \(errno)") }
            rest = rest.dropFirst(count)
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let left = (deadline - .now) / .milliseconds(1)
            guard left > 0 else { throw Failure(description: "no answer in time, but \(bytes.count) bytes of it") }
            var descriptor = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&descriptor, 1, Int32(left.rounded(.up))) > 0 else { continue }
            let count = unsafe recv(file, &buffer, buffer.count, 0)
            guard count >= 0 else { throw Failure(description: "the answer is cut off: errno \(errno)") }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return try PageResponse(bytes, hasBody: method != "HEAD", took: .now - start)
    }

    private func connected() throws -> Int32 {
        if address.hasPrefix("unix:") {
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: address.utf8.dropFirst(5)) }
            return try connected(AF_UNIX, to: name)
        }
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else {
            throw Failure(description: "no address: \(address)")
        }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        unsafe name.sin_addr.s_addr = inet_addr("127.0.0.1")
        return try connected(AF_INET, to: name)
    }

    private func connected<Name>(_ family: Int32, to name: Name) throws -> Int32 {
        let file = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let code = unsafe withUnsafePointer(to: name) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(file, $0, socklen_t(MemoryLayout<Name>.size))
            }
        }
        guard code == 0 else {
            let reason = errno
            close(file)
            throw Failure(description: "nobody listens on \(address): errno \(reason)")
        }
        return file
    }
}
