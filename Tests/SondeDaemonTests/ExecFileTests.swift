import Glibc
import Logging
import Sonde
import Testing

@testable import SondeDaemon

@Suite("Definitions with commands")
struct ExecFileTests {
    private static let small = "name: a\nhelp: h\nexec: [./x, -y]\n"
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("what is left out is at its default, and a path begins in the folder of the file")
    func defaults() throws {
        let collector = try #require(try read(Self.small).first)
        #expect(collector.command == ["/etc/pgsonde/./x", "-y"])
        #expect(collector.prefixes == ["pg_a_"])
        #expect(collector.timing == Timing(every: .seconds(60), timeout: .seconds(5)))
        #expect(collector.enabled)
        let named = try read(Self.small.replacing("./x", with: "x")).first
        #expect(named?.command == ["x", "-y"])
    }

    @Test("each mistake is told with its place and what to do", arguments: mistakes)
    func mistake(addition: String, expected: [String]) {
        #expect(told { _ = try read(Self.small + addition) } == expected.map { "/etc/pgsonde/x.yaml:\($0)" })
    }

    private static let mistakes: [(String, [String])] = [
        ("evry: 1s\n", ["4:1: unknown key \"evry\" in a definition with exec: did you mean \"every\"?"]),
        ("from: t\n", ["4:1: unknown key \"from\" in a definition with exec: a command has no SQL: remove the key"]),
        (
            "columns: []\n",
            ["4:1: unknown key \"columns\" in a definition with exec: a command says itself what it shows"]
        ),
        ("limit: {rows: 3}\n", ["4:9: unknown key \"rows\" in limit: write one of bytes, lines, series"]),
        ("limit: {bytes: 0}\n", ["4:16: bytes is \"0\": write a whole number from 1 to 67108864"]),
        ("prefix: pgsonde\n", ["4:9: names that begin with pgsonde_ are pgsonde's: choose another prefix"]),
        ("labels: {a-b: c}\n", ["4:10: \"a-b\" cannot be a label's name: use letters, digits and _"]),
        ("environment: {A=B: c}\n", ["4:15: \"A=B\" is not the name of a variable: use letters, digits and _"]),
        ("every: 10s\ntimeout: 11s\n", ["5:10: timeout is longer than every: write at most 10s, or a longer every"]),
        (
            "expire: 59s\n",
            ["4:9: expire is shorter than every, so that numbers would come and go: write at least 1m"]
        ),
        ("prefix: my_\n", ["4:9: the _ after the prefix comes by itself: write my"]),
        ("every: 1\n", ["4:8: every: \"1\" has no unit: write 1s for seconds"]),
    ]

    @Test("commands that are not allowed are refused where they stand")
    func optIn() {
        #expect(
            told { _ = try DefinitionDecoder.collectors(in: Array(Self.small.utf8), file: "x.yaml") } == [
                "x.yaml:3:7: commands are not allowed: write exec: true in the configuration, or --collectors.exec"
            ])
    }

    @Test("a file or folder with commands that every user can write to is refused")
    func owners() throws {
        let folder = "/tmp/pgsonde-exec-\(getpid())-\(Int.random(in: 0..<(1 << 40)))"
        let file = "\(folder)/a.yaml"
        try #require(unsafe mkdir(folder, 0o755) == 0)
        let descriptor = unsafe open(file, O_WRONLY | O_CREAT, 0o644)
        defer {
            close(descriptor)
            unsafe unlink(file)
            unsafe rmdir(folder)
        }
        var text = Self.small
        text.withUTF8 { _ = unsafe write(descriptor, $0.baseAddress, $0.count) }
        let problems = {
            CollectorsDirectory(folder, among: [], logger: Self.logger).problems.map(\.description)
        }
        #expect(problems() == [])
        try #require(unsafe chmod(file, 0o646) == 0)
        #expect(problems() == ["\(file): every user can write to it and there are commands in it: chmod o-w it"])
        try #require(unsafe chmod(file, 0o644) == 0)
        try #require(unsafe chmod(folder, 0o777) == 0)
        #expect(problems() == ["\(folder): every user can write to it and there are commands in it: chmod o-w it"])
    }

    @Test("a program that every user can write to or replace is refused, and who else decides what it does is told")
    func programs() throws {
        try withFolder(["run": "", "data": ""]) { bin in
            let (program, data) = ("\(bin)/run", "\(bin)/data")
            try withFolder(["a.yaml": "{name: a, help: A, exec: [\(program), \(data)]}"]) { folder in
                func look() -> CollectorsDirectory { CollectorsDirectory(folder, among: [], logger: Self.logger) }
                #expect(look().problems.isEmpty && look().dangers.isEmpty)
                for (path, mode, usual) in [(program, 0o757, 0o755), (bin, 0o757, 0o700)] as [(String, mode_t, mode_t)]
                {
                    try #require(unsafe chmod(path, mode) == 0)
                    #expect(
                        look().problems.map(\.description) == [
                            "\(folder)/a.yaml:1:1: \(path): every user can write to it and there are commands in it: chmod o-w it"
                        ])
                    #expect(look().entries.isEmpty)
                    try #require(unsafe chmod(path, usual) == 0)
                }
                try #require(unsafe chmod(data, 0o646) == 0)
                #expect(look().problems.isEmpty && look().entries.count == 1)
                #expect(
                    look().dangers == [
                        "\(data): every user can write to it, and so decide what pgsonde does: chmod o-w it"
                    ])
            }
        }
    }

    private func read(_ text: String) throws -> [ExecCollector] {
        try DefinitionDecoder.collectors(in: Array(text.utf8), file: "/etc/pgsonde/x.yaml", logger: Self.logger)
            .compactMap { $0.collector as? ExecCollector }
    }
}
