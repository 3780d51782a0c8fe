import Glibc

/// PostgreSQL's programs, as far as the demo needs them.
struct DemoPrograms: Sendable, Hashable {
    let initdb: String
    let postgres: String
    /// What makes load; nil where there is only a server.
    let pgbench: String?

    /// Looks for the programs: in the directory that the user named, or in PATH, then where Debian keeps them, newest first.
    ///
    /// - Throws: ``DemoError`` that says what to install.
    init(in directory: String?, path: String) throws(DemoError) {
        let known = path.split(separator: ":").map(String.init) + Self.debianDirectories()
        let candidates = directory.map { [$0] } ?? known
        guard
            let home = candidates.first(where: { Self.isProgram("\($0)/initdb") && Self.isProgram("\($0)/postgres") })
        else {
            throw DemoError(
                directory.map { "there are no initdb and postgres in \($0)" }
                    ?? "the demo needs PostgreSQL's programs: apt-get install postgresql, or --postgres-bin DIR")
        }
        initdb = "\(home)/initdb"
        postgres = "\(home)/postgres"
        pgbench = ([home] + Self.debianDirectories() + known).map { "\($0)/pgbench" }.first(where: Self.isProgram)
    }

    /// `/usr/lib/postgresql/*/bin`, newest first.
    private static func debianDirectories() -> [String] {
        let root = "/usr/lib/postgresql"
        guard let listing = unsafe opendir(root) else { return [] }
        defer { unsafe closedir(listing) }
        var versions: [Int] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if let version = Int(name) { versions.append(version) }
        }
        return versions.sorted(by: >).map { "\(root)/\($0)/bin" }
    }

    private static func isProgram(_ path: String) -> Bool {
        unsafe access(path, X_OK) == 0
    }
}
