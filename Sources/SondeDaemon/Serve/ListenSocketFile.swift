import Glibc

/// The file of a Unix socket that we listen on.
struct ListenSocketFile: Sendable {
    private let path: String
    private let device: dev_t
    private let inode: ino_t

    /// Makes way for a new socket: removes one that nobody listens on any more, and nothing else.
    ///
    /// - Throws: ``ListenError`` if something else is in the way.
    static func makeWay(at path: String) throws(ListenError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw ListenError("cannot listen on unix:\(path): there is a file of that name that is no socket")
        }
        guard !hasListener(path) else { throw ListenError(.unix(path: path), errno: EADDRINUSE) }
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw ListenError(.unix(path: path), errno: errno) }
    }

    /// Takes charge of the socket that was just bound: its owner and group may connect, nobody else.
    init?(boundAt path: String) {
        var status = stat()
        guard unsafe chmod(path, 0o660) == 0, unsafe lstat(path, &status) == 0 else { return nil }
        self.path = path
        device = status.st_dev
        inode = status.st_ino
    }

    /// Removes the file, unless it is another's by now.
    func remove() {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode else { return }
        unsafe unlink(path)
    }

    private static func hasListener(_ path: String) -> Bool {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { return true }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let result = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // A full queue is a listener, too; only a refusal says that there is none.
        return result == 0 || errno != ECONNREFUSED
    }
}
