import Glibc
import NIOCore

/// The socket addresses that one address of the configuration stands for.
struct ListenCandidates {
    /// In the order in which they are tried.
    let addresses: [SocketAddress]
    /// Whether one of them is enough, or all are wanted that this machine has.
    let needsOnlyOne: Bool

    /// Looks an address up, which may take long if it is a name: do it on a thread of our own.
    ///
    /// - Throws: ``ListenError`` if there is no such host.
    init(_ address: Configuration.ListenAddress) throws(ListenError) {
        switch address {
        case .unix(let path):
            guard let socket = try? SocketAddress(unixDomainSocketPath: path) else {
                throw ListenError("cannot listen on \(address): the path is too long for a socket")
            }
            self.init([socket], needsOnlyOne: true)
        case .inherited:
            self.init([], needsOnlyOne: true)
        case .tcp("", let port):
            // One socket for IPv6 and IPv4, or for IPv4 alone where IPv6 is switched off.
            let all = ["::", "0.0.0.0"].compactMap { try? SocketAddress(ipAddress: $0, port: port) }
            self.init(all, needsOnlyOne: true)
        case .tcp(let host, let port):
            if let numeric = try? SocketAddress(ipAddress: host, port: port) {
                self.init([numeric], needsOnlyOne: true)
            } else {
                // A name may have several addresses, as localhost does. A free port is free at one of them only.
                self.init(try Self.lookUp(host, port, for: address), needsOnlyOne: port == 0)
            }
        }
    }

    private init(_ addresses: [SocketAddress], needsOnlyOne: Bool) {
        self.addresses = addresses
        self.needsOnlyOne = needsOnlyOne
    }

    private static func lookUp(
        _ host: String, _ port: Int, for address: Configuration.ListenAddress
    ) throws(ListenError) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard code == 0 else {
            let reason = unsafe gai_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
            throw ListenError("cannot listen on \(address): the host is not known (\(reason))")
        }
        defer { unsafe freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next?.pointee {
            var socket: SocketAddress?
            if unsafe entry.ai_family == AF_INET {
                unsafe entry.ai_addr.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    unsafe socket = SocketAddress($0.pointee, host: host)
                }
            } else if unsafe entry.ai_family == AF_INET6 {
                unsafe entry.ai_addr.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    unsafe socket = SocketAddress($0.pointee, host: host)
                }
            }
            if let socket, !found.contains(socket) { found.append(socket) }
            unsafe next = entry.ai_next
        }
        return found
    }
}
