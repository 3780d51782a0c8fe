import Logging
import Sonde

/// Runs a command, reads what it printed, and takes it over if all of it is right.
struct ExecProbe: Probe {
    /// Why a run is of no use.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let collector: ExecCollector
    /// What the command last said on its standard error, which is logged once.
    private var complaint = ""

    init(collector: ExecCollector) {
        self.collector = collector
    }

    mutating func read(into samples: inout Samples) async throws {
        let run = ExecRun(
            command: collector.command, environment: collector.environment, mostBytes: collector.limits.bytes)
        let result = try await run.result()
        note(result.complaint)
        if let failure = result.failure {
            let said = result.complaint.split(whereSeparator: \.isNewline).first.map { ": \($0)" } ?? ""
            throw Failure(description: "the command \(failure)\(said)")
        }
        let page = try Exposition(result.output, limits: collector.limits)
        for family in page.families { try add(family, to: &samples) }
    }

    private func add(_ family: Exposition.Family, to samples: inout Samples) throws {
        guard family.name.hasPrefix("\(collector.prefix)_") else {
            throw family.problem(
                "\(Spelling.quoted(family.name)) is none of this collector's names, which begin with \(collector.prefix)_"
            )
        }
        for label in collector.labels where family.labels.contains(label.name) {
            throw family.problem("\(family.name) has the label \(label.name), which is set by the key \"labels\"")
        }
        let metric = Metric(
            family.name, family.kind, help: family.help.isEmpty ? collector.help : family.help,
            labels: collector.labels.map(\.name) + family.labels)
        samples.declare(metric)
        guard samples.metrics.last?.name == metric.name else {
            throw family.problem("\(family.name) is also the name of samples of an earlier family")
        }
        for sample in family.samples {
            let series = samples.counts.series
            let labels = sample.labels.map { (name: $0.name, value: $0.value) }
            samples.add(sample.value, to: sample.name, labels: collector.labels + labels)
            guard samples.counts.series == series else { continue }
            throw Exposition.Problem(
                line: sample.line, "\(sample.name) is there already with the same labels")
        }
    }

    /// Logs what is new of what the command said.
    private mutating func note(_ text: String) {
        guard text != complaint else { return }
        complaint = text
        guard !text.isEmpty else { return }
        collector.logger.notice("the command says: \(text)", metadata: ["collector": "\(collector.name)"])
    }
}
