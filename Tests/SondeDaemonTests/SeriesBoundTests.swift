import Foundation
import Sonde
import SondeCollectors
import Testing

@Suite("The bounds of series")
struct SeriesBoundTests {
    @Test("each collector is in the table of the guide, with as many metrics as a row of it has")
    func table() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../deploy/operations.md")
        let page = try String(contentsOf: path, encoding: .utf8)
        let section = try #require(page.components(separatedBy: "### At most so many series").last)
        let lines = section.components(separatedBy: "\n## ")[0].split(separator: "\n").filter { $0.hasPrefix("| `") }
        let told = lines.flatMap { line in
            line.split(separator: "|")[0].matches(of: /`([a-z_]+)` (\d+)/).map { (String($0.1), Int($0.2)) }
        }
        #expect(Set(told.map(\.0)).count == told.count, "each once")
        let counts = Dictionary(told) { first, _ in first }
        for collector in Builtin.collectors {
            #expect(counts[collector.name] == collector.metrics.count, "\(collector.name)")
        }
        #expect(counts.count == Builtin.collectors.count)
    }
}
