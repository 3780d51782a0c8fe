import Foundation
import Testing

/// What `Tests/servers run` says of the servers that it started.
struct Servers: Decodable {
    struct Server: Decodable, CustomTestStringConvertible {
        let name: String
        let major: Int
        let host: String
        let port: Int
        let standby: Standby?

        var testDescription: String { name }
    }

    struct Standby: Decodable {
        let host: String
        let port: Int
    }

    struct Tools: Decodable {
        let psql: String
    }

    let servers: [Server]
    let tools: Tools

    /// What was started; nil where the tests run by themselves.
    static let shared: Servers? = {
        guard let path = ProcessInfo.processInfo.environment["PGSONDE_TEST_SERVERS"],
            let data = FileManager.default.contents(atPath: path)
        else { return nil }
        do {
            return try JSONDecoder().decode(Servers.self, from: data)
        } catch {
            // Servers that were started and cannot be used must not look like servers that were not started.
            fatalError("PGSONDE_TEST_SERVERS names a file that cannot be read: \(error)")
        }
    }()
}
