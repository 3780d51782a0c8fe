import Glibc
import Synchronization

/// A relay for one connection that holds back what the server says, and counts how often the client speaks up anew.
final class DelayingProxy: Sendable {
    let port: Int
    private let listener: Int32
    private let server: Int
    private let delay: Duration
    private let bursts = Mutex(0)

    /// The number of times that the client sent something after it had heard something: round trips.
    var roundTrips: Int { bursts.withLock { $0 } }

    init(to server: Int, delay: Duration) {
        self.server = server
        self.delay = delay
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let listener = listener
        port = unsafe Self.withAddress(port: 0) { address, length in
            var length = length
            _ = unsafe bind(listener, address, length)
            _ = unsafe getsockname(listener, address, &length)
        }
        listen(listener, 1)
        var thread = pthread_t()
        _ = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<DelayingProxy>.fromOpaque(argument).takeRetainedValue().relay()
                }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }

    /// Relays one connection until either side ends it.
    private func relay() {
        let client = accept(listener, nil, nil)
        close(listener)
        let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let server = server
        _ = unsafe Self.withAddress(port: UInt16(server)) { address, length in
            _ = unsafe connect(upstream, address, length)
        }
        // The delay is to be ours alone, not Nagle's.
        var one: Int32 = 1
        for socket in [client, upstream] {
            _ = unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        }
        var held: [(due: ContinuousClock.Instant, bytes: [UInt8])] = []
        var hasHeard = true
        var buffer = [UInt8](repeating: 0, count: 65_536)
        relaying: while true {
            let left = held.first.map { ($0.due - .now) / .milliseconds(1) } ?? 1_000
            var sockets = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: upstream, events: Int16(POLLIN), revents: 0),
            ]
            _ = unsafe poll(&sockets, 2, Int32(max(0, left.rounded(.up))))
            if sockets[0].revents != 0 {
                let count = unsafe recv(client, &buffer, buffer.count, 0)
                guard count > 0 else { break relaying }
                if hasHeard { bursts.withLock { $0 += 1 } }
                hasHeard = false
                _ = unsafe send(upstream, buffer, count, Int32(MSG_NOSIGNAL))
            }
            if sockets[1].revents != 0 {
                let count = unsafe recv(upstream, &buffer, buffer.count, 0)
                guard count > 0 else { break relaying }
                held.append((.now + delay, Array(buffer[..<count])))
            }
            while let first = held.first, first.due <= .now {
                held.removeFirst()
                hasHeard = true
                _ = unsafe send(client, first.bytes, first.bytes.count, Int32(MSG_NOSIGNAL))
            }
        }
        close(client)
        close(upstream)
    }

    /// Lends an address on loopback.
    ///
    /// - Returns: its port afterwards.
    private static func withAddress(
        port: UInt16, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Void
    ) -> Int {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe body(pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
