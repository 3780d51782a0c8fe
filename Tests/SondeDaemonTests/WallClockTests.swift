import Foundation
import Testing

/// No test may set the machine's clock, and what reads it cannot be lent another one: so this is about who reads it.
@Suite("The time of day")
struct WallClockTests {
    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources").standardized

    @Test("is read where a date is shown, and nowhere where something is waited for")
    func uses() throws {
        let files = FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil)
        var readers: Set<String> = []
        for case let file as URL in try #require(files) where ["swift", "h"].contains(file.pathExtension) {
            let text = try String(contentsOf: file, encoding: .utf8)
            let words = ["CLOCK_REALTIME", "time(nil)", "gettimeofday", "WallClock.now", "DispatchWallTime", "Date()"]
            if words.contains(where: { text.contains($0) }) { readers.insert(file.lastPathComponent) }
        }
        #expect(
            readers == [
                // process_start_time_seconds, and the clock itself
                "ProcessMetrics.swift",
                // when the configuration was last read
                "LastReading.swift",
                // the header Date
                "HTTPDate.swift",
                // the beginning of a line
                "Log.swift",
                // the time of a datagram
                "FFWDOutput.swift",
                // pgsonde_collector_last_success_timestamp_seconds
                "Reports.swift",
                // when the status page was made
                "StatusReport.swift",
                // what is left of a server's certificate
                "Diagnosis.swift",
            ])
    }
}
