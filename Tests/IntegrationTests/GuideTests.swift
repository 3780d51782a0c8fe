import Foundation
import Testing

/// The guide to collectors in YAML, done as it says.
@Suite(.serialized, .enabled(if: TestServers.isAvailable))
struct GuideTests {
    /// A block of the guide.
    private struct Block {
        let language: String
        /// The file that it is, by the line before it.
        let file: String?
        let text: String
    }

    private static let database = "guide_test"

    private static func blocks() throws -> [Block] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/Sonde/Sonde.docc/CollectorsInYAML.md")
        var blocks: [Block] = []
        var lines: [String]?
        var (language, file): (String, String?) = ("", nil)
        for line in try String(contentsOf: path, encoding: .utf8).components(separatedBy: "\n") {
            if line.hasPrefix("```") {
                if let text = lines {
                    blocks.append(Block(language: language, file: file, text: text.map { $0 + "\n" }.joined()))
                    (lines, file) = (nil, nil)
                } else {
                    lines = []
                    language = String(line.dropFirst(3))
                }
            } else if lines != nil {
                lines?.append(line)
            } else if let match = line.wholeMatch(of: /`(\S+)`:/) {
                file = String(match.1)
            } else if !line.isEmpty {
                file = nil
            }
        }
        return blocks
    }

    @Test("every block of the guide is as it says")
    func blocks() async throws {
        let server = try #require(TestServers.all.first { $0.major >= 17 } ?? TestServers.all.last)
        let blocks = try Self.blocks()
        #expect(Set(blocks.map(\.language)) == ["sql", "yaml", "console"])
        // The role of the guide's, which lends what it is granted to the one that the tests log in as.
        try Shell.psql(
            server,
            """
            DROP DATABASE IF EXISTS \(Self.database);
            DROP ROLE IF EXISTS pgsonde;
            CREATE ROLE pgsonde;
            GRANT pgsonde TO monitor;
            """)
        try Shell.psql(server, "CREATE DATABASE \(Self.database)")
        do {
            try await DaemonProgram.withFolder { folder in
                for block in blocks { try await follow(block, in: folder, on: server) }
            }
        } catch {
            try clean(server)
            throw error
        }
        try clean(server)
    }

    private func clean(_ server: TestServers.Server) throws {
        try Shell.psql(server, "DROP DATABASE \(Self.database)")
        try Shell.psql(server, "DROP ROLE pgsonde")
    }

    private func follow(_ block: Block, in folder: URL, on server: TestServers.Server) async throws {
        switch block.language {
        case "sql":
            try Shell.psql(server, block.text, database: Self.database)
        case "yaml":
            let file = try #require(block.file, "a block without a file: \(block.text)")
            try Data(block.text.utf8).write(to: folder.appendingPathComponent(file))
            if file == "pgsonde.yaml" {
                let result = try shell("mkdir collectors.d; pgsonde check --config.file=\(file)", in: folder, server)
                #expect(!result.contains("\(file):") && result.contains("collectors"), "\(file): \(result)")
            }
            guard file.hasPrefix("app_") else { return }
            let result = try shell("pgsonde collector test --strict \(file)", in: folder, server)
            #expect(result.hasSuffix("0 errors, 0 warnings\n"), "\(file): \(result)")
        default:
            for (command, expected) in Self.commands(block.text) {
                let result = try shell(command, in: folder, server)
                #expect(
                    Self.matches(Self.plain(result), Self.plain(expected)), "\(command)\n\(result)\nis not\n\(expected)"
                )
            }
        }
    }

    /// The commands of a console, and what they print.
    private static func commands(_ text: String) -> [(command: String, output: String)] {
        var commands: [(command: String, output: String)] = []
        for line in text.components(separatedBy: "\n").dropLast() {
            if line.hasPrefix("$ ") {
                commands.append((String(line.dropFirst(2)), ""))
            } else if let last = commands.indices.last {
                commands[last].output += line + "\n"
            }
        }
        return commands
    }

    private func shell(_ command: String, in folder: URL, _ server: TestServers.Server) throws -> String {
        let program = URL(fileURLWithPath: DaemonProgram.path).deletingLastPathComponent().path
        let dsn = "host=\(server.host) port=\(server.port) user=monitor password=monitor dbname=\(Self.database)"
        let result = try Shell.result(
            "/bin/bash", ["-c", "exec 2>&1; cd \(folder.path); PATH=\(program):$PATH; \(command)"],
            environment: ["DATA_SOURCE_NAME": dsn])
        return result.output
    }

    /// A text without what differs from run to run.
    private static func plain(_ text: String) -> String {
        text.replacing(/(127\.0\.0\.1|db\.example):\d+: PostgreSQL [\d.]+/, with: "SERVER")
            .replacing(/\d+\.\d ms/, with: "N ms")
    }

    /// Whether a text is as expected, where a line `…` stands for any lines.
    private static func matches(_ text: String, _ expected: String) -> Bool {
        let lines = Array(text.components(separatedBy: "\n").dropLast())
        var place = 0
        var isLoose = false
        for wanted in expected.components(separatedBy: "\n").dropLast() {
            if wanted == "…" {
                isLoose = true
                continue
            }
            guard let found = lines[place...].firstIndex(of: wanted), isLoose || found == place else { return false }
            place = found + 1
            isLoose = false
        }
        return isLoose || place == lines.count
    }
}
