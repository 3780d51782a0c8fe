import Logging
import Sonde

/// Notes how the runs of collectors went, and logs what is news of it.
struct Reports: Sendable {
    let registry: Registry
    let watch: Watch
    let logger: Logger

    /// Notes a run.
    ///
    /// - Parameters:
    ///   - report: how it went.
    ///   - collector: whose it was.
    ///   - entry: the collector's place in the timetable, after the run.
    func note(_ report: Watch.Report, of collector: Int, _ entry: Timetable.Entry) {
        var report = report
        report.retry = entry.backOff
        guard let before = watch.note(report, of: collector, skipped: entry.skipped, time: WallClock.now()) else {
            return
        }
        var metadata: Logger.Metadata = watch.name.isEmpty ? [:] : ["server": "\(watch.name)"]
        metadata["collector"] = "\(registry.entries[collector].collector.name)"
        switch report.state {
        case .failed: logger.warning("collector failed: \(report.detail)", metadata: metadata)
        case .unavailable: logger.notice("collector unavailable: \(report.detail)", metadata: metadata)
        case .ok where before == .failed: logger.notice("collector works again", metadata: metadata)
        default: logger.debug("collector \(report.state.rawValue)", metadata: metadata)
        }
    }
}
