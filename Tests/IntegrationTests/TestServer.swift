import Glibc
import Testing

/// A server that `Tests/servers run` has started; without it the list is empty and the tests that need one do not run.
struct TestServer: Sendable, CustomTestStringConvertible {
    let major: Int
    let port: String
    let socketDirectory: String
    let certificateAuthority: String?

    /// One of each major.
    static let all: [TestServer] = {
        guard case .array(let servers)? = description?["servers"] else { return [] }
        return servers.compactMap { TestServer($0) }.sorted { $0.major < $1.major }
    }()

    /// The newest.
    static let any: [TestServer] = Array(all.suffix(1))

    /// The port of PgBouncer, in transaction mode.
    static var pooler: TestJSON? {
        guard case .object? = description?["pgbouncer"] else { return nil }
        return description?["pgbouncer"]
    }

    var testDescription: String { "PostgreSQL \(major)" }

    private static let description: TestJSON? = {
        guard let path = unsafe getenv("PGSONDE_TEST_SERVERS") else { return nil }
        let file = unsafe open(path, O_RDONLY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = unsafe read(file, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return TestJSON(bytes)
    }()

    private init?(_ json: TestJSON) {
        guard let major = json["major"]?.number, let port = json["port"]?.number, let sockets = json["socket_dir"]?.text
        else {
            return nil
        }
        self.major = Int(major)
        self.port = String(Int(port))
        socketDirectory = sockets
        certificateAuthority = json["ca"]?.text
    }

    /// Connection keywords for a role whose password is its name.
    func keywords(_ role: String = "monitor", _ more: [String: String] = [:]) -> [String: String] {
        let own = [
            "host": "127.0.0.1", "port": port, "user": role, "password": role, "dbname": "postgres",
            "sslmode": "disable",
        ]
        return own.merging(more) { _, new in new }
    }
}
