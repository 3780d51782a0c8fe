import Glibc

/// The listening sockets that systemd opened for us, as `LISTEN_PID` and `LISTEN_FDS` tell.
enum InheritedSockets {
    /// The first descriptor that is handed over.
    private static let first: Int32 = 3
    /// More than anybody listens on.
    private static let most: Int32 = 64

    /// All of them.
    ///
    /// - Parameters:
    ///   - environment: the two variables.
    ///   - process: our own process.
    /// - Returns: at least one address.
    /// - Throws: ``ListenError`` where there is none.
    static func addresses(
        _ environment: [String: String], process: Int32 = getpid()
    ) throws(ListenError) -> [Configuration.ListenAddress] {
        guard environment["LISTEN_PID"] == "\(process)", let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }),
            (1...most).contains(count)
        else {
            throw ListenError("there is no socket from systemd: start a .socket unit that activates this service")
        }
        for descriptor in first..<first + count {
            guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0, family(of: descriptor) != nil else {
                throw ListenError("what systemd handed over as descriptor \(descriptor) is no socket to listen on")
            }
        }
        return (first..<first + count).map { .inherited(descriptor: $0) }
    }

    /// The family of addresses of a socket; nil where it is none that listens.
    static func family(of descriptor: Int32) -> Int32? {
        func option(_ name: Int32) -> Int32? {
            var value: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            return unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
        }
        guard option(SO_ACCEPTCONN) == 1 else { return nil }
        return option(SO_DOMAIN)
    }
}
