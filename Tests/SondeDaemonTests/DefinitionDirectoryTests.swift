import Glibc
import Sonde
import Testing

@testable import SondeDaemon

@Suite("A folder of definitions")
struct DefinitionDirectoryTests {
    private static let builtin: [Registry.Entry] = ["locks", "wal", "table"].map { name in
        Registry.Entry(Definition(name, help: "h", from: "t", columns: [.gauge("x", "x", help: "h")]))
    }

    @Test("files are read in the order of their names; one with a collector's name takes its place and says so")
    func order() throws {
        try withFolder(["b.yaml": file("zeta"), "a.yml": file("wal"), "c.yaml": "- \(item("eta"))- \(item("theta"))"]) {
            let found = CollectorsDirectory($0, among: Self.builtin)
            #expect(found.problems.isEmpty)
            #expect(found.entries.map(\.collector.name) == ["locks", "wal", "table", "zeta", "eta", "theta"])
            #expect(
                found.entries.map(\.origin) == [
                    "built in", "\($0)/a.yml:1", "built in", "\($0)/b.yaml:1", "\($0)/c.yaml:1", "\($0)/c.yaml:5",
                ])
            #expect(found.notes == ["\($0)/a.yml:1: replaces the collector wal (built in)"])
            _ = try Registry(found.entries)
        }
    }

    @Test("a bad file costs itself, with all that is wrong in it")
    func badFile() throws {
        let files = ["a.yaml": file("alpha") + "lines: 3\nevry: 1s\n", "b.yaml": "a: [", "c.yaml": file("gamma")]
        try withFolder(files) {
            let found = CollectorsDirectory($0, among: [])
            #expect(found.entries.map(\.collector.name) == ["gamma"])
            let lines = found.problems.map(\.description)
            #expect(
                lines.map { $0.prefix { $0 != " " } } == [
                    "\($0)/a.yaml:5:1:", "\($0)/a.yaml:6:1:", "\($0)/b.yaml:2:1:",
                ])
        }
    }

    @Test("what is no definition file is left alone, and what cannot be read is told")
    func otherFiles() throws {
        try withFolder(["README": "x", ".hidden.yaml": "x", "a.yaml.bak": "x", "b.json": "x"]) { folder in
            let pipe = "\(folder)/pipe.yaml"
            #expect(unsafe mkfifo(pipe, 0o600) == 0)
            #expect(unsafe mkdir("\(folder)/sub.yaml", 0o700) == 0)
            defer {
                unsafe unlink(pipe)
                unsafe rmdir("\(folder)/sub.yaml")
            }
            let found = CollectorsDirectory(folder, among: Self.builtin)
            #expect(found.entries.count == 3)
            #expect(
                found.problems.map(\.description) == [
                    "\(pipe): is not a regular file: remove it", "\(folder)/sub.yaml: is a folder: name a file",
                ])
        }
    }

    @Test("a folder that is not there is told")
    func noFolder() {
        let found = CollectorsDirectory("/nowhere/collectors.d", among: Self.builtin)
        #expect(found.entries.count == 3)
        #expect(
            found.problems.map(\.description) == ["/nowhere/collectors.d: cannot be opened: No such file or directory"])
    }

    @Test(
        "a file that has a name of another's is left out whole, and both are named",
        arguments: [
            (
                "name: wal\nhelp: h",
                [
                    "there is a collector of this name already (F/a.yaml:1); rename one of them",
                    "the metric pg_wal_x is also that of collector wal (F/a.yaml:1); rename one of them",
                ]
            ),
            (
                "name: mine\nhelp: h\nprefix: pg_wal",
                ["the metric pg_wal_x is also that of collector wal (F/a.yaml:1); rename one of them"]
            ),
            (
                "name: mine\nhelp: h\nprefix: pg_table",
                ["the metric pg_table_x is also that of collector table (built in); rename one of them"]
            ),
        ])
    func clash(head: String, problems: [String]) throws {
        let text = head + "\nfrom: t\ncolumns: [{gauge: x, sql: x, help: h}]\n---\n" + file("harmless")
        try withFolder(["a.yaml": file("wal"), "b.yaml": text, "c.yaml": file("gamma")]) { folder in
            let found = CollectorsDirectory(folder, among: Self.builtin)
            #expect(found.entries.map(\.collector.name) == ["locks", "wal", "table", "gamma"])
            #expect(
                found.problems.map(\.description)
                    == problems.map { "\(folder)/b.yaml:1:1: \($0.replacing("F/", with: "\(folder)/"))" })
            #expect(found.files.map(\.isBad) == [false, true, false])
            _ = try Registry(found.entries)
        }
    }

    @Test("the names of a collector that was replaced are free")
    func freed() throws {
        let mine = "name: mine\nhelp: h\nprefix: pg_wal\nfrom: t\ncolumns: [{gauge: x, sql: x, help: h}]\n"
        let other = "name: wal\nhelp: h\nfrom: t\ncolumns: [{gauge: y, sql: x, help: h}]\n"
        try withFolder(["a.yaml": other, "b.yaml": mine]) { folder in
            let found = CollectorsDirectory(folder, among: Self.builtin)
            #expect(found.problems.isEmpty)
            _ = try Registry(found.entries)
        }
    }

    @Test("a configuration file that everybody can read is warned of if there is a password in it")
    func warning() throws {
        let files = [
            "with.yaml": "servers: [{dsn: host=a password=geheim}]", "without.yaml": "servers: [{dsn: host=a}]",
        ]
        try withFolder(files) { folder in
            for (name, mode, isWarned) in [
                ("with.yaml", 0o644, true), ("with.yaml", 0o640, false), ("without.yaml", 0o644, false),
            ] as [(String, mode_t, Bool)] {
                #expect(unsafe chmod("\(folder)/\(name)", mode) == 0)
                let file = try ConfigurationFile.read("\(folder)/\(name)", environment: [:], parse: plainKeywords)
                #expect(file.warnings.isEmpty != isWarned)
                #expect(!file.warnings.joined().contains("geheim"))
            }
            #expect(
                told { _ = try ConfigurationFile.read("\(folder)/none", environment: [:], parse: plainKeywords) }
                    == ["\(folder)/none: cannot be opened: No such file or directory"])
            #expect(
                told { _ = try ConfigurationFile.read(folder, environment: [:], parse: plainKeywords) }
                    == ["\(folder): is a folder: name a file"])
        }
    }

    private func item(_ name: String) -> String {
        file(name).replacing("\nhelp", with: "\n  help").replacing("\nfrom", with: "\n  from")
            .replacing("\ncolumns", with: "\n  columns")
    }

    private func file(_ name: String) -> String {
        "name: \(name)\nhelp: h\nfrom: t\ncolumns: [{gauge: x, sql: x, help: h}]\n"
    }
}

/// Makes a folder with files in it, and removes it in the end.
func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let folder = "/tmp/pgsonde-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    guard unsafe mkdir(folder, 0o700) == 0 else { throw ConfigTestFailure("cannot make \(folder)") }
    defer { unsafe rmdir(folder) }
    for (name, text) in files {
        let descriptor = unsafe open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_EXCL, 0o600)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard unsafe write(descriptor, bytes, bytes.count) == bytes.count else { throw ConfigTestFailure("write") }
    }
    defer { for name in files.keys { unsafe unlink("\(folder)/\(name)") } }
    try body(folder)
}
