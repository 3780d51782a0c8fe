import Glibc

/// A temporary directory of the user whom the demo's server runs as, which the supervisor deletes.
struct DemoDirectory: Sendable {
    let path: String
    /// The user and group to run as, where we are root, as whom PostgreSQL will not run.
    let owner: (user: uid_t, group: gid_t)?

    /// Makes a directory that nobody else can enter.
    ///
    /// - Throws: ``DemoError`` if that is not possible.
    init(in parent: String) throws(DemoError) {
        // A socket's path within it must fit into 107 bytes.
        var template = Array("\(parent.utf8.count <= 60 ? parent : "/tmp")/pgsonde-demo-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw DemoError("cannot make a directory in \(parent)") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        owner = geteuid() == 0 ? Self.unprivileged() : nil
        guard geteuid() != 0 || owner != nil else {
            throw DemoError("there is no user postgres or nobody to run a server as")
        }
        if let owner, unsafe chown(path, owner.user, owner.group) != 0 {
            throw DemoError("cannot give \(path) to another user")
        }
    }

    /// Writes a file that only the owner can read.
    ///
    /// - Throws: ``DemoError`` if that is not possible.
    func write(_ text: String, to name: String) throws(DemoError) {
        let descriptor = unsafe open("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw DemoError("cannot write \(path)/\(name)") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw DemoError("cannot write \(path)/\(name)")
        }
        if let owner { fchown(descriptor, owner.user, owner.group) }
    }

    /// Reads the last few kB of a file, which need not be there.
    func read(_ name: String) -> String {
        let descriptor = unsafe open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        let length = lseek(descriptor, 0, SEEK_END)
        lseek(descriptor, max(length - 4_096, 0), SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }

    private static func unprivileged() -> (user: uid_t, group: gid_t)? {
        for name in ["postgres", "nobody"] {
            if let entry = unsafe getpwnam(name) { return unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid) }
        }
        return nil
    }
}
