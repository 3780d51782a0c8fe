import Foundation

/// psql, with the settings that the daemon's sessions have.
struct Session {
    struct Failure: Error {
        let database: String
        let output: String
    }

    let host: String
    let port: Int
    let psql: String
    /// A role whose password is its name.
    var user = "monitor"
    var isReadOnly = true

    /// Runs a script.
    ///
    /// - Returns: what it prints, cell by cell.
    /// - Throws: ``Failure`` where psql, or the server through it, says anything but rows.
    func rows(_ script: String, in database: String) throws -> [[String]] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [psql, "-XqAt", "-v", "ON_ERROR_STOP=1", "-F", "\u{1F}", "-R", "\u{1E}", "-f", "-"]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "PGHOST": host, "PGPORT": "\(port)", "PGUSER": user, "PGPASSWORD": user,
            "PGDATABASE": database,
            "PGCLIENTENCODING": "UTF8",
            "PGOPTIONS": """
            -c search_path=pg_catalog -c default_transaction_read_only=\(isReadOnly ? "on" : "off") -c statement_timeout=30s -c lock_timeout=500ms -c jit=off
            """,
        ]) { $1 }
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(script.utf8))
        try input.fileHandleForWriting.close()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0, !text.contains("WARNING:"), !text.contains("ERROR:") else {
            throw Failure(database: database, output: text)
        }
        let lines = text.split(separator: "\u{1E}").map { $0.hasSuffix("\n") ? $0.dropLast() : $0 }
        return lines.filter { !$0.isEmpty }.map { line in
            line.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
