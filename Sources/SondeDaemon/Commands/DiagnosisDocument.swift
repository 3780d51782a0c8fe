import Sonde
import SondePostgres

/// Diagnoses as JSON, without secrets and without names of hosts, roles and databases: fit for a bug report.
struct DiagnosisDocument {
    /// What is wrong with the configuration, a line each.
    let problems: [String]
    /// What should be known of it, a line each.
    let warnings: [String]
    let diagnoses: [Diagnosis]
    let isWell: Bool
    let configuration: String
    private let mask: NameMask

    /// Makes a document.
    ///
    /// - Parameters:
    ///   - problems: what is wrong with the configuration, a line each.
    ///   - warnings: what should be known of it, a line each.
    ///   - diagnoses: of the servers.
    ///   - isWell: whether nothing is wrong.
    ///   - configuration: what is in force, fit for others.
    ///   - places: the folders of the configuration, which are left out.
    init(
        problems: [String], warnings: [String] = [], diagnoses: [Diagnosis], isWell: Bool, configuration: String,
        places: [String] = []
    ) {
        self.problems = problems
        self.warnings = warnings
        self.diagnoses = diagnoses
        self.isWell = isWell
        self.configuration = configuration
        mask = NameMask(diagnoses.flatMap(\.names) + places.map { ($0, "<folder>") })
    }

    /// The document.
    var json: JSON {
        .object([
            ("version", .text(Build.version)),
            ("well", .bool(isWell)),
            (
                "configuration",
                .object([
                    ("problems", .list(problems.map { .text(masked($0)) })),
                    ("warnings", .list(warnings.map { .text(masked($0)) })), ("text", .text(masked(configuration))),
                ])
            ),
            ("servers", .list(diagnoses.map(server))),
        ])
    }

    private func server(_ diagnosis: Diagnosis) -> JSON {
        .object([
            ("name", .text(masked(diagnosis.name))),
            ("kind", .text(diagnosis.kind.rawValue)),
            ("well", .bool(diagnosis.isWell)),
            ("server", .text(diagnosis.title)),
            ("encrypted", diagnosis.isEncrypted.map { .bool($0) } ?? .null),
            ("certificate_not_after", .number(diagnosis.certificateNotAfter)),
            ("client_certificate_not_after", .number(diagnosis.clientCertificateNotAfter)),
            ("findings", .list(diagnosis.findings.map(finding))),
            ("collectors", .list(diagnosis.collectors.map(collector))),
        ])
    }

    private func finding(_ finding: Diagnosis.Finding) -> JSON {
        .object([
            ("wrong", .bool(finding.isWrong)),
            ("collectors", .list(finding.collectors.map { .text($0) })),
            ("what", .text(masked(finding.what))),
            ("mend", .list(finding.mends.map { .text(masked($0)) })),
        ])
    }

    private func collector(_ collector: (name: String, state: Watch.State, report: Watch.Report?)) -> JSON {
        var members: [(name: String, value: JSON)] = [
            ("name", .text(collector.name)), ("state", .text(collector.state.rawValue)),
        ]
        if let report = collector.report, collector.state != .disabled {
            members += [
                ("detail", .text(masked(report.detail))), ("duration_seconds", .number(report.duration / .seconds(1))),
                ("rows", .integer(report.counts.rows)), ("series", .integer(report.counts.series)),
            ]
        }
        return .object(members)
    }

    /// The text with what names are for in the place of names.
    private func masked(_ text: String) -> String {
        mask.masked(text)
    }
}
