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
    ///   - pace: what the log has said of the collector.
    func note(_ report: Watch.Report, of collector: Int, _ entry: Timetable.Entry, _ pace: inout LogPace) {
        var report = report
        report.retry = entry.backOff
        if report.state == .failed, entry.isBreakerOpen { report.state = .breakerOpen }
        let before = watch.note(report, of: collector, skipped: entry.skipped, time: WallClock.now())
        let isOver = report.state.isSuccess && before?.isFailure == true
        var metadata: Logger.Metadata = watch.name.isEmpty ? [:] : ["server": "\(watch.name)"]
        metadata["collector"] = "\(registry.entries[collector].collector.name)"
        guard report.state.isFailure || isOver || before != nil && [.unavailable, .partial].contains(report.state)
        else {
            if before != nil { logger.debug("collector \(report.state.rawValue)", metadata: metadata) }
            return
        }
        guard let unsaid = pace.hear(isNews: before != nil, at: .now) else { return }
        if unsaid > 0 { metadata["repeated"] = "\(unsaid)" }
        switch report.state {
        case .failed: logger.warning("collector failed: \(report.detail)", metadata: metadata)
        case .breakerOpen:
            logger.warning(
                "collector keeps passing its time limit, so it is only probed: \(report.detail)", metadata: metadata)
        case .unavailable: logger.notice("collector unavailable: \(report.detail)", metadata: metadata)
        case .partial: logger.notice("collector shows not all: \(report.detail)", metadata: metadata)
        default: logger.notice("collector works again", metadata: metadata)
        }
    }
}
