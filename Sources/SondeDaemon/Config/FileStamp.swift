import Glibc

/// What tells that files have changed: of each file, and of each in a folder, what the system says of it.
struct FileStamp: Equatable {
    /// The time from one look to the next.
    static let interval = Duration.seconds(3)

    private struct Stamp: Equatable {
        let path: String
        let device: UInt
        let inode: UInt
        let size: Int
        let seconds: Int
        let nanoseconds: Int
    }

    private let stamps: [Stamp]

    /// Looks at files, and at the files of folders whose names do not begin with a dot.
    ///
    /// What a link leads to is meant: where a whole folder is put in the place of another by one, that is seen.
    init(_ paths: [String]) {
        stamps = paths.flatMap { path in
            [Self.stamp(path)] + (Self.names(in: path).map { Self.stamp("\(path)/\($0)") })
        }
    }

    private static func stamp(_ path: String) -> Stamp {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            return Stamp(path: path, device: 0, inode: 0, size: -1, seconds: 0, nanoseconds: 0)
        }
        return Stamp(
            path: path, device: UInt(status.st_dev), inode: UInt(status.st_ino), size: Int(status.st_size),
            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    }

    private static func names(in path: String) -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder), names.count < 2_000 {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
