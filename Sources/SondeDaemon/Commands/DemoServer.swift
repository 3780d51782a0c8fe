import Glibc

/// A throwaway PostgreSQL server with a little load, for a first look at pgsonde.
struct DemoServer: Sendable {
    /// A directory with PostgreSQL's programs; nil to look for them.
    var programs: String?
    /// The transactions of pgbench per second; 0 for none.
    var rate = 20
    /// The size of pgbench's tables, in 100 000 accounts.
    var scale = 2
    /// Where progress is told, line by line.
    var say: @Sendable (String) -> Void

    /// The database with the load.
    static let database = "demo"

    /// Starts the server, lends it, and stops and deletes it in the end.
    ///
    /// - Parameter watch: gets libpq's keywords of a role that may see all statistics.
    /// - Throws: ``DemoError`` if the server does not come up, and what `watch` throws.
    func run(_ watch: ([String: String]) async throws -> Void) async throws {
        let programs = try DemoPrograms(in: programs, path: Self.environment("PATH") ?? "/usr/bin:/bin")
        let directory = try DemoDirectory(in: Self.environment("TMPDIR") ?? "/tmp")
        let supervisor = try DemoSupervisor(for: directory)
        do {
            let keywords = try await start(programs, in: directory, by: supervisor)
            try await watch(keywords)
        } catch {
            await supervisor.stop()
            throw error
        }
        say("stopping PostgreSQL and deleting \(directory.path)")
        await supervisor.stop()
    }

    private func start(
        _ programs: DemoPrograms, in directory: DemoDirectory, by supervisor: borrowing DemoSupervisor
    ) async throws -> [String: String] {
        let path = directory.path
        guard let port = Self.freePort() else { throw DemoError("there is no free port on 127.0.0.1") }
        let password =
            String(UInt64.random(in: 0 ... .max), radix: 36) + String(UInt64.random(in: 0 ... .max), radix: 36)
        // Whoever can enter the directory may be anybody; over TCP, which all users of the machine can reach, only `monitor` may come.
        try directory.write("local all all trust\nhost all monitor 127.0.0.1/32 scram-sha-256\n", to: "hba")
        // In single-user mode a statement is a line.
        let roles = """
            CREATE ROLE app LOGIN
            CREATE DATABASE \(Self.database) OWNER app
            SET password_encryption = 'scram-sha-256'
            CREATE ROLE monitor LOGIN CONNECTION LIMIT 8 PASSWORD '\(password)' IN ROLE pg_monitor
            """
        try directory.write(roles + "\n", to: "roles.sql")
        try directory.write("CREATE EXTENSION pg_stat_statements\n", to: "statements.sql")

        say("starting PostgreSQL (\(programs.postgres)) in \(path)")
        let data = "\(path)/data"
        let initdb = [programs.initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
        guard try await supervisor.run(initdb) else { throw failure("initdb failed", directory) }

        // What is made in template1 is in every database that comes after.
        let preload = ["-c", "shared_preload_libraries=pg_stat_statements"]
        let single = [programs.postgres, "--single", "-D", data, "-c", "fsync=off"]
        let hasStatements = try await supervisor.run(single + preload + ["template1"], input: "\(path)/statements.sql")
        guard try await supervisor.run(single + ["template1"], input: "\(path)/roles.sql") else {
            throw failure("cannot create the roles", directory)
        }

        let settings = [
            "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=\(path)", "hba_file=\(path)/hba",
            "fsync=off", "max_connections=50", "wal_level=logical", "track_io_timing=on", "track_functions=all",
        ]
        let server =
            [programs.postgres, "-D", data] + settings.flatMap { ["-c", $0] } + (hasStatements ? preload : [])
        try await supervisor.start(server)
        try await waitUntilReady(directory)
        try await load(programs.pgbench, in: directory, port: port, by: supervisor)
        say("look into it: psql -h \(path) -p \(port) -U postgres \(Self.database)")
        say("Ctrl-C stops the server and deletes it")
        return [
            "host": "127.0.0.1", "port": "\(port)", "user": "monitor", "password": password, "dbname": Self.database,
        ]
    }

    private func load(
        _ pgbench: String?, in directory: DemoDirectory, port: UInt16, by supervisor: borrowing DemoSupervisor
    ) async throws {
        guard rate > 0 else { return }
        guard let pgbench else { return say("no load: there is no pgbench") }
        let connection = ["-h", directory.path, "-p", "\(port)", "-U", "app", Self.database]
        guard try await supervisor.run([pgbench, "-i", "-q", "-s", "\(scale)"] + connection) else {
            return say("no load: pgbench failed: \(lastLines(directory))")
        }
        say("load: \(rate) transactions of pgbench a second")
        try await supervisor.start([pgbench, "-n", "-c", "4", "-R", "\(rate)", "-T", "1000000000"] + connection)
    }

    private func waitUntilReady(_ directory: DemoDirectory) async throws {
        for _ in 0..<600 {
            let lines = directory.read("data/postmaster.pid").split(separator: "\n", omittingEmptySubsequences: false)
            if lines.count > 7, lines[7].hasPrefix("ready") { return }
            if directory.read("log").contains("FATAL:") { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw failure("the server did not start", directory)
    }

    private func failure(_ what: String, _ directory: DemoDirectory) -> DemoError {
        DemoError("\(what):\n\(lastLines(directory))")
    }

    private func lastLines(_ directory: DemoDirectory) -> String {
        directory.read("log").split(separator: "\n").suffix(8).joined(separator: "\n")
    }

    /// A port that is free at this moment.
    private static func freePort() -> UInt16? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        return result ? UInt16(bigEndian: address.sin_port) : nil
    }

    private static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
