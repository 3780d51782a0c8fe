import Foundation
import Testing

@Suite("The threat model")
struct ThreatModelTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardized

    @Test("each line names tests that there are")
    func tests() throws {
        let page = try String(contentsOf: Self.root.appendingPathComponent("deploy/threat-model.md"), encoding: .utf8)
        let sources = try Self.sources(in: "Tests")
        var count = 0
        var lastIsHeld = false
        for line in page.split(separator: "\n") where line.hasPrefix("|") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            if line.hasPrefix("|---") { continue }
            if ["can try", "fault", "who"].contains(cells[0]) {
                lastIsHeld = cells.last == "held by"
                continue
            }
            guard lastIsHeld else { continue }
            let names = cells[2].matches(of: /`([A-Za-z]+Tests)\.([A-Za-z]+)`/)
            #expect(!names.isEmpty, "\(cells[0])")
            for name in names {
                let files = sources.filter { $0.key.lastPathComponent == "\(name.1).swift" }
                #expect(
                    files.contains { $0.value.contains(" func \(name.2)(") || $0.value.contains("\nfunc \(name.2)(") },
                    "\(name.0)")
                count += 1
            }
        }
        #expect(count > 100)
    }

    private static func sources(in folder: String) throws -> [URL: String] {
        let files = FileManager.default.enumerator(
            at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
        return try (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
            .reduce(into: [:]) { $0[$1] = try String(contentsOf: $1, encoding: .utf8) }
    }
}
