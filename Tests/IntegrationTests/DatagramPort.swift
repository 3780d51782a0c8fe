import Glibc

/// A UDP port on loopback, and what has come to it.
final class DatagramPort: Sendable {
    struct Failure: Error {
        let code: Int32
    }

    let port: Int
    private let file: Int32

    /// Takes a free port.
    init() throws {
        file = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        unsafe name.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (socket, size) = (file, length)
        let code = unsafe withUnsafeMutablePointer(to: &name) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket, $0, size) | getsockname(socket, $0, &length)
            }
        }
        guard file >= 0, code == 0 else { throw Failure(code: errno) }
        port = Int(UInt16(bigEndian: name.sin_port))
    }

    deinit {
        close(file)
    }

    /// The datagrams that came since the last time.
    func take() -> [[UInt8]] {
        var all: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(file, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return all }
            all.append(Array(buffer[..<count]))
        }
    }
}
