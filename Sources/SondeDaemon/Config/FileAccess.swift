import CGlibc
import Glibc

/// What a file's mode lets other users do with it.
enum FileAccess {
    /// Who, other than root, the owner and us.
    enum Others: Sendable, Hashable {
        case group
        case everyone
    }

    /// Who may write by a mode.
    ///
    /// - Parameters:
    ///   - mode: of a file or a folder.
    ///   - owner: its user.
    ///   - group: its group. A user's own group has the user's number, and nobody else is in it, as in root's.
    ///   - ours: the group that we run as.
    /// - Returns: nil for nobody.
    static func writers(mode: mode_t, owner: uid_t, group: gid_t, ours: gid_t) -> Others? {
        if mode & S_IWOTH != 0 { return .everyone }
        let isPrivate = group == 0 || group == owner || owner == 0 && group == ours
        return mode & S_IWGRP != 0 && !isPrivate ? .group : nil
    }

    /// Why others decide what is in a file, and what to do; nil where they do not.
    static func danger(ofWriting path: String) -> String? {
        guard let status = status(of: path), !isHandedOver(path) else { return nil }
        if let danger = danger(path, status) { return danger }
        let folder = BoundedFile.folder(of: path)
        guard let parent = Self.status(of: folder.isEmpty ? "/" : folder) else { return nil }
        // There only the owner may put something else in the file's place; but everybody may make a file.
        if parent.st_mode & S_ISVTX != 0, parent.st_mode & (S_IWOTH | S_IWGRP) != 0 {
            return [0, geteuid()].contains(status.st_uid)
                ? nil
                : "\(path): another user has put it where every user can put files: move it to a folder of your own"
        }
        return danger(folder, parent)
    }

    /// Why others can put files into a folder, and what to do; nil where they cannot, or where each file tells of it.
    static func danger(ofAddingTo folder: String) -> String? {
        guard let status = status(of: folder), !isKubelets(folder), status.st_mode & S_ISVTX == 0 else { return nil }
        return danger(folder, status)
    }

    /// Whether every user can read a file's secret.
    static func isShown(_ path: String, mode: mode_t) -> Bool {
        mode & S_IFMT == S_IFREG && mode & S_IROTH != 0 && !isHandedOver(path)
    }

    /// Whether every user can read a file's secret; not where it is not there.
    static func isShown(_ path: String) -> Bool {
        status(of: path).map { isShown(path, mode: $0.st_mode) } ?? false
    }

    private static func danger(_ path: String, _ status: stat) -> String? {
        switch writers(mode: status.st_mode, owner: status.st_uid, group: status.st_gid, ours: getegid()) {
        case nil: nil
        case .group: "\(path): all users of its group can write to it, and so decide what pgsonde does: chmod g-w it"
        case .everyone: "\(path): every user can write to it, and so decide what pgsonde does: chmod o-w it"
        }
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status : nil
    }

    // MARK: Containers

    /// Whether a container's engine has put a file there, with modes that mean nothing: in the container there is nobody else.
    static func isHandedOver(_ path: String) -> Bool {
        if isKubelets(BoundedFile.folder(of: path)) { return true }
        guard path.hasPrefix("/run/secrets/") || path.hasPrefix("/var/run/secrets/") else { return false }
        var system = statfs()
        let tmpfs = 0x0102_1994
        return unsafe statfs(path, &system) == 0 && Int(system.f_type) == tmpfs
    }

    /// Whether a folder is a volume of the kubelet's, of a ConfigMap or a Secret: its files are links that lead through ..data.
    private static func isKubelets(_ folder: String) -> Bool {
        var status = stat()
        return unsafe lstat("\(folder)/..data", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
            && status.st_uid == 0
    }
}
