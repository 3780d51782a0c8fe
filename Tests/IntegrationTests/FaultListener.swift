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
        file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        unsafe name.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &name) { [file] in
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(file, $0, length) | listen(file, 64) | getsockname(file, $0, &length)
            }
        }
        guard code == 0 else { throw Failure(code: errno) }
        port = Int(UInt16(bigEndian: name.sin_port))
    }

    /// Ends it: connections to the port are refused from now on.
    func close() {
        _ = shutdown(file, Int32(SHUT_RDWR))
        Glibc.close(file)
    }
}
