import Foundation
import Testing

/// Has judges that know nothing of ours read pages: promtool, prometheus-client and the rules of `Tests/promcheck`.
enum PageCheck {
    /// What is wrong with a page; empty where nothing is.
    ///
    /// - Parameters:
    ///   - page: the text.
    ///   - lint: `off` for pages that carry other people's names.
    /// - Returns: what the judges say.
    /// - Throws: where they cannot be asked.
    static func findings(_ page: String, lint: String = "fail") async throws -> String {
        let result = try await DaemonProgram.run(
            [script, "--lint=\(lint)", "{folder}/page.txt"], environment: ProcessInfo.processInfo.environment,
            files: ["page.txt": page],
            program: "/usr/bin/python3")
        return result.code == 0 ? "" : "code \(result.code)\n\(result.error)\(result.output)"
    }

    /// The samples of a page as prometheus-client reads them, `[name, labels, value]` each.
    static func samples(_ page: String) async throws -> [(name: String, labels: [String: String])] {
        let code = """
            import json, sys
            from prometheus_client.parser import text_string_to_metric_families as parse
            page = open(sys.argv[1], encoding="utf-8", newline="").read()
            print(json.dumps([[s.name, s.labels] for family in parse(page) for s in family.samples], ensure_ascii=False))
            """
        let tools = try #require(TestServers.shared).tools
        let result = try await DaemonProgram.run(
            ["-c", code, "{folder}/page.txt"], environment: ["PYTHONPATH": tools.pythonpath, "PYTHONUTF8": "1"],
            files: ["page.txt": page], program: "/usr/bin/python3")
        guard result.code == 0 else { throw DaemonProgram.Failure(description: result.error) }
        return try JSONDecoder().decode([Sample].self, from: Data(result.output.utf8)).map { ($0.name, $0.labels) }
    }

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../promcheck").path

    private struct Sample: Decodable {
        let name: String
        let labels: [String: String]

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            name = try container.decode(String.self)
            labels = try container.decode([String: String].self)
        }
    }
}
