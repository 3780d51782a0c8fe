import Foundation
import Testing

/// A real Prometheus of a test's own.
struct Prometheus {
    /// Host and port of its interface.
    let address: String

    /// Runs one while `body` runs.
    ///
    /// - Parameters:
    ///   - configuration: its configuration file.
    ///   - isolation: the caller's.
    ///   - body: what is done meanwhile.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws, or why it does not start.
    static func with<Value>(
        _ configuration: String, isolation: isolated (any Actor)? = #isolation,
        _ body: (Prometheus) async throws -> Value
    ) async throws -> Value {
        let tools = try #require(TestServers.shared).tools
        return try await DaemonProgram.withFolder(["prometheus.yml": configuration]) { folder in
            let program = try DaemonProgram(
                [
                    "--config.file=\(folder.path)/prometheus.yml", "--storage.tsdb.path=\(folder.path)/data",
                    "--web.listen-address=127.0.0.1:0",
                ], in: folder, program: tools.prometheus)
            do {
                var found: String?
                try await eventually("Prometheus listens") {
                    found = program.error.firstMatch(of: /Listening on.*address=(127\.0\.0\.1:[1-9][0-9]*)/).map {
                        String($0.1)
                    }
                    return found != nil
                }
                let value = try await body(Prometheus(address: try #require(found)))
                await program.stop()
                return value
            } catch {
                await program.stop()
                Issue.record("Prometheus' log: \(program.error.suffix(4_000))")
                throw error
            }
        }
    }

    /// What an instant query gives.
    func ask(_ query: String) async throws -> [Series] {
        let tools = try #require(TestServers.shared).tools
        let result = try await DaemonProgram.run(
            ["query", "instant", "-o", "json", "http://\(address)", query], program: tools.promtool)
        guard result.code == 0 else { throw DaemonProgram.Failure(description: result.error) }
        return try JSONDecoder().decode([Series].self, from: Data(result.output.utf8))
    }

    /// A series with its value.
    struct Series: Decodable {
        let metric: [String: String]
        private let value: [JSONNumber]

        var number: Double { value.last?.value ?? .nan }
    }

    /// A number, or a number in quotes, as Prometheus has both.
    private struct JSONNumber: Decodable {
        let value: Double

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            value = try (try? container.decode(Double.self)) ?? Double(container.decode(String.self)) ?? .nan
        }
    }
}
