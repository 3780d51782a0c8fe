import Glibc
import NIOPosix
import SondePostgres

/// Reads a server's password anew for each connect, so that a rotated one works without a restart.
enum Credentials {
    /// The password; nil where libpq finds one by itself, or needs none.
    ///
    /// - Throws: a ``PostgresError`` of class `auth` where the file cannot be read.
    static func password(of server: Configuration.Server) async throws -> String? {
        guard let path = server.passwordFile else { return nil }
        // A file may be on a slow disk: not on a thread that others wait for.
        return try await NIOThreadPool.singleton.runIfActive { try read(path) }
    }

    private static func read(_ path: String) throws -> String {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw PostgresError(.auth, message: "cannot read the password file \(path): \(unsafe String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = unsafe Glibc.read(file, &bytes, bytes.count)
        guard count >= 0 else {
            throw PostgresError(.auth, message: "cannot read the password file \(path): \(unsafe String(cString: strerror(errno)))")
        }
        let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return String(decoding: line, as: UTF8.self)
    }
}
