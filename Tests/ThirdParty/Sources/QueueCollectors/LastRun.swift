import Foundation
public import Sonde

/// When batch jobs last ended, from a file that they write: no server is asked.
public struct LastRun: LocalCollector {
    /// The name, `app_last_run`.
    public let name = "app_last_run"
    /// What it shows.
    public let help = "When batch jobs last ended (/var/lib/app/last_run)"
    /// The one family.
    public let metrics = [
        Metric(
            "pg_app_last_run_timestamp_seconds", in: .timestamp, help: "End of the last run (/var/lib/app/last_run)",
            labels: ["batch"])
    ]
    let path: String

    /// Makes the collector.
    ///
    /// - Parameter path: the file, of lines like `nightly 1764061200`.
    public init(path: String = "/var/lib/app/last_run") {
        self.path = path
    }

    /// A probe that remembers nothing.
    public func makeProbe(for timing: Timing) -> any Probe {
        LastRunProbe(path: path)
    }
}

struct LastRunProbe: Probe {
    let path: String

    func read(into samples: inout Samples) async throws {
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            samples.count(rows: 1)
            let words = line.split(separator: " ")
            guard words.count == 2, let time = Double(words[1]) else {
                samples.skip()
                continue
            }
            samples.add(time, to: "pg_app_last_run_timestamp_seconds", labels: [("batch", String(words[0]))])
        }
    }
}
