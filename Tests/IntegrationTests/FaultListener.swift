import Glibc

/// A listener on loopback that never takes a connection: the system completes it, and nobody ever answers.
final class FaultListener: Sendable {
    struct Failure: Error {
        let code: Int32
    }

    let port: Int
    private let file: Int32

    /// Listens on a free port.
    init() throws {
        (file, port) = try Self.listen()
    }

    /// Ends it: connections to the port are refused from now on.
    func close() {
        _ = shutdown(file, Int32(SHUT_RDWR))
        Glibc.close(file)
    }

    /// A socket that listens on a free port.
    static func listen() throws -> (file: Int32, port: Int) {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let code = unsafe withAddress(port: 0) { unsafe bind(file, $0, $1) | Glibc.listen(file, 64) }
        var name = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = unsafe withUnsafeMutablePointer(to: &name) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(file, $0, &length) }
        }
        guard file >= 0, code == 0, named == 0 else { throw Failure(code: errno) }
        return (file, Int(UInt16(bigEndian: name.sin_port)))
    }

    /// A connection to a port; negative where there is none.
    static func connect(to port: Int) -> Int32 {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        _ = unsafe withAddress(port: port) { unsafe Glibc.connect(file, $0, $1) }
        return file
    }

    private static func withAddress(port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        unsafe name.sin_addr.s_addr = inet_addr("127.0.0.1")
        return unsafe withUnsafePointer(to: &name) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
