import Foundation
import Sonde
import SondeCollectors
import Testing

@testable import SondeDaemon

@Suite("The reference of metrics")
struct ReferenceTests {
    private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../config/metrics.md").standardized

    @Test("is what the code says: make reference renews it")
    func current() throws {
        let text = Reference(collectors: Builtin.collectors).text
        #expect(try String(contentsOf: Self.file, encoding: .utf8) == text)
    }

    @Test("names every metric once, with its versions")
    func complete() {
        let lines = Reference(collectors: Builtin.collectors).text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let names = lines.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        #expect(Set(names).count == names.count)
        #expect(Set(Builtin.collectors.flatMap { $0.metrics }.map(\.name)).isSubset(of: names))
        let line = { (name: String) in lines.first { $0.hasPrefix("| `\(name)`") } ?? "" }
        #expect(line("pg_database_sessions_total").contains(" 14+ "))
        #expect(line("pg_wal_write_total").contains("| 14+ |"))
        #expect(line("pg_bgwriter_buffers_backend_total").contains("| 13–16 |"))
        #expect(line("pg_up").hasPrefix("| `pg_up` | gauge |  |  | Whether"))
    }
}
