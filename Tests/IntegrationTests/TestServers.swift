import Foundation

/// The servers that `Tests/servers run` started for this run; without them the integration tests are skipped.
struct TestServers: Decodable {
    /// One PostgreSQL server, or a pooler in front of one.
    struct Server: Decodable, CustomStringConvertible {
        let name: String
        let major: Int
        let bin: String
        let host: String
        let port: Int
        let socketDir: String
        let dataDir: String
        let log: String
        let pid: Int32
        let statements: Bool
        let ca: String?
        let clientCert: String?
        let clientKey: String?
        let standby: Standby?
        let pgbouncer: Pooler?

        var description: String { name }

        var keywords: [String: String] {
            ["host": host, "port": "\(port)", "user": "monitor", "password": "monitor", "dbname": "postgres"]
        }
    }

    /// PgBouncer in front of the server.
    struct Pooler: Decodable {
        let host: String
        let port: Int
        let log: String
    }

    /// A standby, which has no standby of its own here.
    struct Standby: Decodable {
        let name: String
        let major: Int
        let host: String
        let port: Int
        let log: String
    }

    /// Programs that check what we serve.
    struct Tools: Decodable {
        let prometheus: String
        let promtool: String
        let psql: String
        /// Chromium; nil where it could not be fetched.
        let browser: String?
        let pythonpath: String
    }

    let servers: [Server]
    let pgbouncer: Server?
    let tools: Tools

    /// What was started; nil where the tests run by themselves.
    static let shared: TestServers? = {
        guard let path = ProcessInfo.processInfo.environment["PGSONDE_TEST_SERVERS"],
            let data = FileManager.default.contents(atPath: path)
        else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(TestServers.self, from: data)
        } catch {
            // Servers that were started and cannot be used must not look like servers that were not started.
            fatalError("PGSONDE_TEST_SERVERS names a file that cannot be read: \(error)")
        }
    }()

    static var isAvailable: Bool { shared != nil }
    static var all: [Server] { shared?.servers ?? [] }

    /// The newest major at or below one.
    static func major(_ major: Int) -> Server? { all.last { $0.major <= major } }
}

/// Runs programs and gives back what they print.
enum Shell {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs a program to its end.
    ///
    /// - Throws: ``Failure`` with its standard error where its exit code is not 0.
    @discardableResult
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil
    ) throws -> String {
        let (code, output, error) = try result(program, arguments, environment: environment, input: input)
        guard code == 0 else {
            throw Failure(description: "\(program) \(arguments): exit code \(code): \(error)\(output)")
        }
        return output
    }

    /// Runs a program to its end, whatever its exit code.
    static func result(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil
    ) throws -> (code: Int32, output: String, error: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // Files and not pipes: nothing blocks, however much is printed.
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pgsonde-shell-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["in", "out", "err"].map { folder.appendingPathComponent($0) }
        for file in files { try Data().write(to: file) }
        try Data((input ?? "").utf8).write(to: files[0])
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        let read = { (file: URL) in String(decoding: (try? Data(contentsOf: file)) ?? Data(), as: UTF8.self) }
        return (process.terminationStatus, read(files[1]), read(files[2]))
    }

    /// Runs SQL as the superuser, by psql over TCP.
    @discardableResult
    static func psql(_ server: TestServers.Server, _ sql: String, database: String = "postgres") throws -> String {
        guard let tools = TestServers.shared?.tools else { throw Failure(description: "no psql") }
        return try run(
            tools.psql, ["-XqAtw", "-v", "ON_ERROR_STOP=1", "-f", "-"],
            environment: [
                "PGHOST": server.host, "PGPORT": "\(server.port)", "PGUSER": "postgres", "PGPASSWORD": "postgres",
                "PGDATABASE": database, "PGCLIENTENCODING": "UTF8",
            ], input: sql
        ).trimmingCharacters(in: .newlines)
    }
}
