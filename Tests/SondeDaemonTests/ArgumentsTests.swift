import Testing

@testable import SondeDaemon

@Suite("The command line")
struct ArgumentsTests {
    private static let commands = ["run", "once", "check", "collector", "demo"]

    @Test(
        "flags may stand before or after the command, which is run if none is named",
        arguments: [
            ([], ["run"]),
            (["once"], ["once"]),
            (["--log.level", "debug"], ["run", "--log.level", "debug"]),
            (["--log.level", "debug", "once"], ["once", "--log.level", "debug"]),
            (
                ["--log.level=debug", "once", "--log.format", "json"],
                ["once", "--log.level=debug", "--log.format", "json"]
            ),
            (["--web.listen-address", "check", "check"], ["check", "--web.listen-address", "check"]),
            (
                ["--collector.locks", "--no-collector.wal"],
                ["run", "--with-collector=locks", "--without-collector=wal"]
            ),
            (["once", "--no-collector.wal"], ["once", "--without-collector=wal"]),
            (["--web.config.file=", "--web.config.file=x"], ["run", "--web.config.file=x"]),
            (["--constantLabels", "a=b", "once"], ["once", "--constantLabels", "a=b"]),
            (
                ["--collector.stat_statements", "--collector.stat_statements.limit", "5"],
                ["run", "--with-collector=stat_statements", "--stat-statements.limit", "5"]
            ),
            (
                ["--no-collector.stat_statements.include_query"],
                ["run", "--no-stat-statements.include_query"]
            ),
            (["--log.levle", "debug"], ["run", "--log.levle", "debug"]),
            (["--collectors.exec", "once"], ["once", "--collectors.exec"]),
            (["--generate-completion-script", "bash"], ["--generate-completion-script", "bash"]),
            (["--help"], ["--help"]), (["--version"], ["--version"]), (["help", "run"], ["help", "run"]),
            (["collector", "show", "locks"], ["collector", "show", "locks"]),
            (["--log.level", "debug", "--help"], ["--log.level", "debug", "--help"]),
        ])
    func order(words: [String], expected: [String]) throws {
        #expect(try Arguments(words, commands: Self.commands).words == expected)
    }

    @Test("a flag of collectors that is misspelt is refused, with the right one", arguments: ["", "no-"])
    func misspeltCollector(prefix: String) {
        let mistake = #expect(throws: Arguments.Mistake.self) {
            try Arguments(["--\(prefix)colector.locks"], commands: Self.commands)
        }
        #expect(mistake?.description.contains("did you mean '--\(prefix)collector.locks'?") == true)
    }

    @Test(
        "a word that is no command is refused, with the nearest name",
        arguments: [("rnu", "run"), ("onec", "once"), ("colector", "collector"), ("xyz", nil)])
    func typo(word: String, nearest: String?) {
        let mistake = #expect(throws: Arguments.Mistake.self) { try Arguments([word], commands: Self.commands) }
        #expect(mistake?.description.contains("there is no command '\(word)'") == true)
        #expect(mistake?.description.contains("did you mean") == (nearest != nil))
        if let nearest { #expect(mistake?.description.contains("'\(nearest)'") == true) }
    }
}
