import Glibc

/// The listening sockets that systemd opened for us, as `LISTEN_PID` and `LISTEN_FDS` tell; see ``ServiceVariables``.
enum InheritedSockets {
    /// The first descriptor that is handed over.
    private static let first: Int32 = 3
    /// More than anybody listens on.
    private static let most: Int32 = 64

    /// All of them.
    ///
    /// - Parameters:
    ///   - variables: the two.
    ///   - process: our own process.
    /// - Returns: none where none were handed over to us.
    /// - Throws: ``ListenError`` where one of them is none to listen on.
    static func addresses(
        _ variables: [String: String], process: Int32 = getpid()
    ) throws(ListenError) -> [Configuration.ListenAddress] {
        let descriptors = descriptors(variables, process: process)
        for descriptor in descriptors {
            guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0, family(of: descriptor) != nil else {
                throw ListenError(
                    "what systemd handed over as descriptor \(descriptor) is no socket to listen on: write ListenStream= into the .socket unit"
                )
            }
        }
        return descriptors.map { .inherited(descriptor: $0) }
    }

    /// Keeps them from the commands that we run.
    static func seal(_ variables: [String: String]) {
        for descriptor in descriptors(variables, process: getpid()) { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    private static func descriptors(_ variables: [String: String], process: Int32) -> Range<Int32> {
        guard variables["LISTEN_PID"] == "\(process)", let count = variables["LISTEN_FDS"].flatMap({ Int32($0) }),
            (1...most).contains(count)
        else { return first..<first }
        return first..<first + count
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
