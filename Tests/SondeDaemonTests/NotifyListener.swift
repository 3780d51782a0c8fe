import Glibc
import Testing

/// The socket that systemd listens on for what services say.
final class NotifyListener: Sendable {
    /// As `NOTIFY_SOCKET` has it.
    let address: String
    private let descriptor: Int32

    /// Listens on a path, or in the abstract namespace.
    init(isAbstract: Bool = false) throws {
        let name = "pgsonde-notify-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        address = isAbstract ? "@\(name)" : "/tmp/\(name)"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var socketAddress = sockaddr_un()
        socketAddress.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &socketAddress.sun_path) { bytes in
            unsafe bytes.copyBytes(from: address.utf8)
            if isAbstract { unsafe bytes[0] = 0 }
        }
        let length =
            isAbstract
            ? MemoryLayout<sa_family_t>.size + address.utf8.count : MemoryLayout<sockaddr_un>.size
        let result = unsafe withUnsafePointer(to: &socketAddress) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(length))
            }
        }
        try #require(result == 0)
    }

    deinit {
        close(descriptor)
        if address.hasPrefix("/") { unsafe unlink(address) }
    }

    /// What has come since this was last asked, a datagram each.
    func messages() -> [String] {
        var found: [String] = []
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            guard count >= 0 else { return found }
            found.append(String(decoding: bytes[..<count], as: UTF8.self))
        }
    }
}
