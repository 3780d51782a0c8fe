import Foundation
import Glibc

/// A superuser's session that holds on to something until it is ended.
final class FaultSession {
    /// Has the server, from 14 on, notice soon that the client is gone, and let go what it held.
    private static let attentive =
        "SELECT set_config(name, '100', false) FROM pg_settings WHERE name = 'client_connection_check_interval'"

    private let process = Process()

    /// Begins a session; the statements are run one after the other, in one transaction if they begin one.
    init(_ fault: FaultServer, _ statements: [String], database: String = "postgres") throws {
        process.executableURL = URL(fileURLWithPath: TestServers.shared?.tools.psql ?? "psql")
        process.arguments =
            ["-XqAtw", "-v", "ON_ERROR_STOP=1"]
            + ([Self.attentive] + statements + ["SELECT pg_sleep(600)"]).flatMap { ["-c", $0] }
        process.environment = ProcessInfo.processInfo.environment.merging([
            "PGHOST": fault.server.host, "PGPORT": "\(fault.server.port)", "PGUSER": "postgres",
            "PGPASSWORD": "postgres", "PGDATABASE": database, "PGAPPNAME": "holder",
        ]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    /// Ends it for good: a child of a test's thread has that thread's signals, SIGTERM among them, blocked.
    func end() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
