import Glibc

/// Why we cannot listen, in one line that says what to do.
struct ListenError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// Puts what the system says into words.
    init(_ address: Configuration.ListenAddress, errno code: Int32) {
        let reason =
            switch code {
            case EADDRINUSE: "the address is in use; stop the program that has it, or listen elsewhere"
            case EADDRNOTAVAIL: "no network interface of this machine has this address"
            case EAFNOSUPPORT: "this machine has no such addresses switched on"
            case EACCES, EPERM:
                if case .tcp(_, let port) = address, port < 1_024 {
                    "permission denied; ports below 1024 need CAP_NET_BIND_SERVICE"
                } else {
                    "permission denied"
                }
            case ENOENT: "the directory does not exist"
            case EROFS: "the file system is read-only"
            default: unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
            }
        description = "cannot listen on \(address): \(reason)"
    }
}
