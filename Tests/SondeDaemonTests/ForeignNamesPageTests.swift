import Sonde
import SondeCollectors
import Testing

@testable import SondeDaemon

/// `config/postgres_exporter.md` says what the code does.
@Suite("The page on postgres_exporter's names")
struct ForeignNamesPageTests {
    private static let text: String = {
        let tests = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let file = try? BoundedFile.read("/\(tests)/config/postgres_exporter.md", atMost: 1 << 20)
        return String(decoding: file?.bytes ?? [], as: UTF8.self)
    }()

    /// The rows of the last table: a metric, what is wrong, and a metric.
    private static let warts: [(theirs: String, ours: String)] = text.split(separator: "\n").compactMap { line in
        let cells = line.split(separator: "|").map { $0.trimmingPrefix(while: \.isWhitespace) }
        guard cells.count == 3, cells[0].hasPrefix("`pg_"), cells[2].hasPrefix("`pg_") else { return nil }
        let name = { (cell: Substring) in String(cell.dropFirst().prefix { $0 != "`" }) }
        return (name(cells[0]), name(cells[2]))
    }

    @Test("names what is there, in both sets")
    func warts() {
        let theirs = Set(PostgresExporter().members.flatMap(\.parts).flatMap(\.metrics).map(\.name))
        let ours = Set(Builtin.collectors.flatMap(\.metrics).map(\.name))
        #expect(Self.warts.count > 30)
        for (wrong, right) in Self.warts {
            #expect(theirs.contains(wrong), "\(wrong)")
            #expect(ours.contains(right) && !theirs.contains(right), "\(right)")
        }
    }

    @Test("has every point in time that is typed as a counter, every zero for never and every foreign unit")
    func complete() {
        let listed = Set(Self.warts.map(\.theirs))
        for metric in PostgresExporter().members.flatMap(\.parts).flatMap(\.metrics) {
            let isWrong =
                metric.kind == .counter
                && (metric.help.contains("seconds since 1970") || metric.help.contains("illiseconds"))
                || metric.help.contains(", or 0") || metric.help.contains("not seconds")
            if isWrong { #expect(listed.contains(metric.name), "\(metric.name)") }
        }
    }

    @Test("names every flag and every variable")
    func flags() {
        for flag in ForeignOptions.withValue where !flag.hasPrefix("--\(ForeignOptions.statementsPrefix)") {
            #expect(Self.text.contains("`\(flag)`"), "\(flag)")
        }
        for variable in ForeignEnvironment.settings { #expect(Self.text.contains(variable), "\(variable)") }
    }
}
