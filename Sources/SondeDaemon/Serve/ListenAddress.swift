import NIOCore

extension Configuration.ListenAddress: CustomStringConvertible {
    /// The longest path that fits into a socket's address, its final zero byte left out.
    private static let longestPath = 107

    /// Reads an address as the user writes it: `:9187`, `0.0.0.0:9187`, `[::1]:9187`, `localhost:9187`, `unix:/run/pgsonde.sock`.
    ///
    /// - Throws: ``ListenError`` that says what is wrong with it.
    static func parse(_ text: String) throws(ListenError) -> Self {
        func wrong(_ what: String) -> ListenError {
            ListenError("\"\(text)\" is no address to listen on: \(what)")
        }
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count + (text.hasPrefix("unix:///") ? 2 : 0)))
            guard path.hasPrefix("/"), path.utf8.count > 1 else {
                throw wrong("write unix:/PATH with an absolute path")
            }
            guard path.utf8.count <= longestPath else {
                throw wrong("the path has more than \(longestPath) bytes, which a socket's may not")
            }
            guard !path.utf8.contains(0) else { throw wrong("the path has a zero byte") }
            return .unix(path: path)
        }
        guard !text.contains("/") else { throw wrong("write HOST:PORT or unix:/PATH") }
        guard let colon = text.lastIndex(of: ":") else {
            throw wrong(
                text.allSatisfy(\.isNumber) && !text.isEmpty ? "write :\(text)" : "it has no port; write HOST:PORT")
        }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = UInt16(digits)
        else {
            throw wrong(
                text.last == "]" ? "it has no port; write [ADDRESS]:PORT" : "a port is a number from 0 to 65535")
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { throw wrong("brackets are for IPv6 addresses") }
        } else if host.contains(":") {
            throw wrong("an IPv6 address needs brackets: [::1]:9187")
        }
        guard host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") })
        else {
            throw wrong("a host has no spaces or brackets")
        }
        return .tcp(host: host == "*" ? "" : String(host), port: Int(port))
    }

    /// The address that a socket has got.
    init?(bound socket: SocketAddress) {
        if let path = socket.pathname {
            self = .unix(path: path)
        } else if let host = socket.ipAddress, let port = socket.port {
            self = .tcp(host: host, port: port)
        } else {
            return nil
        }
    }

    /// The address as the user would write it.
    var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        // Of two slashes at the beginning the reader would take one for the beginning of a URL.
        case .unix(let path): path.hasPrefix("//") ? "unix://\(path)" : "unix:\(path)"
        case .inherited(let descriptor): "descriptor \(descriptor)"
        }
    }

    /// Whether only programs on this machine can reach it.
    var isLocal: Bool {
        switch self {
        case .unix: true
        // Shown by the address that it is bound to.
        case .inherited: true
        case .tcp(let host, _): host == "localhost" || host == "::1" || host.hasPrefix("127.")
        }
    }

    /// Where a browser on this machine finds the server; nil for a Unix socket.
    var url: String? {
        guard case .tcp(let host, let port) = self else { return nil }
        return ["", "::", "0.0.0.0"].contains(host) ? "http://localhost:\(port)" : "http://\(self)"
    }
}
