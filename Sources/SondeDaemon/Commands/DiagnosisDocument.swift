import Sonde
import SondePostgres

/// Diagnoses as JSON, without secrets and without names of hosts, roles and databases: fit for a bug report.
struct DiagnosisDocument {
    /// What is wrong with the configuration, a line each.
    let problems: [String]
    /// What should be known of it, a line each.
    var warnings: [String] = []
    let diagnoses: [Diagnosis]
    let isWell: Bool
    let configuration: String

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
        // What everybody has says nothing, and would be replaced in the middle of other words.
        let common = ["postgres", "pgsonde", "localhost", "127.0.0.1", "::1", "monitor", "public"]
        let names = diagnoses.flatMap(\.names).filter { $0.text.utf8.count > 2 && !common.contains($0.text) }
        var text = text
        for (name, mask) in names.sorted(by: { $0.text.utf8.count > $1.text.utf8.count }) {
            for form in Set([name, Identifier.quoted(name), name.replacing("'", with: "''")]) {
                text = Self.replacing(form, with: mask, in: text)
            }
        }
        return text
    }

    /// The text with something in the place of a name, where it stands by itself and not within a longer word.
    private static func replacing(_ name: String, with mask: String, in text: String) -> String {
        let isPart = { (one: Character?, other: Character?) in
            [one, other].allSatisfy { $0.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false }
        }
        var result = ""
        var rest = text[...]
        for range in text.ranges(of: name) {
            let isWithin =
                isPart(text[..<range.lowerBound].last, name.first) || isPart(name.last, text[range.upperBound...].first)
            result += text[rest.startIndex..<range.lowerBound] + (isWithin ? name : mask)
            rest = text[range.upperBound...]
        }
        return result + rest
    }
}
