import Glibc

/// A file read whole, up to a limit.
struct BoundedFile {
    let bytes: [UInt8]
    /// Whether every user of the machine can read it.
    let isReadableByOthers: Bool

    /// Reads a file or a pipe.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - limit: the most bytes; a file that is larger is an error.
    ///   - regularOnly: refuses pipes and devices, which could keep us waiting.
    /// - Returns: all of it.
    /// - Throws: why it cannot be read.
    static func read(_ path: String, atMost limit: Int, regularOnly: Bool = false) throws(FileProblems) -> BoundedFile {
        func failure(_ message: String) -> FileProblems {
            FileProblems(problems: [FileProblem(path, message)])
        }
        guard !path.utf8.contains(0) else { throw failure("the path has a NUL character in it: remove it") }
        // A pipe that nobody writes to would block already here.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | (regularOnly ? O_NONBLOCK : 0))
        guard descriptor >= 0 else { throw failure("cannot be opened: \(reason(errno))") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure("cannot be read: \(reason(errno))") }
        let kind = status.st_mode & S_IFMT
        guard kind != S_IFDIR else { throw failure("is a folder: name a file") }
        guard kind == S_IFREG || !regularOnly else { throw failure("is not a regular file: remove it") }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot be read: \(reason(errno))") }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        guard bytes.count <= limit else { throw failure("is larger than \(limit >> 20) MiB: split it") }
        return BoundedFile(bytes: bytes, isReadableByOthers: FileAccess.isShown(path, mode: status.st_mode))
    }

    /// What tells one file from another, whatever its path.
    struct Identity: Equatable {
        let device: UInt
        let inode: UInt
    }

    /// Which file a path leads to; nil where there is none.
    static func identity(_ path: String) -> Identity? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Identity(device: UInt(status.st_dev), inode: UInt(status.st_ino))
    }

    /// The folder that a file's relative paths begin in.
    static func folder(of path: String) -> String {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        return slash.map { path[..<$0].isEmpty ? "" : String(path[..<$0]) } ?? "."
    }

    /// Whether there is anything at a path.
    static func exists(_ path: String) -> Bool {
        identity(path) != nil
    }

    /// Whether users that are neither the owner nor of the group can write to a file or a folder.
    static func isWritableByOthers(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IWOTH != 0
    }

    /// The folder that relative paths begin in; empty where it is gone.
    static var workingFolder: String {
        guard let path = unsafe getcwd(nil, 0) else { return "" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    /// The system's words for an error number.
    static func reason(_ number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        return unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress, unsafe strerror_r(number, base, buffer.count) == 0 else {
                return "error \(number)"
            }
            return unsafe String(cString: base)
        }
    }
}
