/// A diagnosis for people: one screen.
struct DiagnosisText {
    private static let width = 100

    let diagnosis: Diagnosis

    /// The lines.
    var text: String {
        let facts: [String?] = [
            diagnosis.title, diagnosis.role.map { "as \(Spelling.quoted($0))" },
            diagnosis.isEncrypted.map { $0 ? "encrypted" : "not encrypted" },
            diagnosis.certificateNotAfter.map { "certificate until \(Legible.moment($0).prefix(10))" },
            diagnosis.clientCertificateNotAfter.map { "our certificate until \(Legible.moment($0).prefix(10))" },
        ]
        let state = diagnosis.title == nil ? "not reached" : facts.compactMap { $0 }.joined(separator: ", ")
        var text = "\(diagnosis.name)\(state.isEmpty ? "" : ": \(state)")\n"
        for finding in diagnosis.findings where finding.isWrong { text += lines(finding, "WRONG") }
        if diagnosis.title != nil {
            text += names("works", .ok, .partial)
            for finding in diagnosis.findings where !finding.isWrong {
                text += lines(finding, finding.collectors.isEmpty ? "advice" : "not there")
            }
            if let preparation = diagnosis.preparation { text += "    all of it: \(preparation)\n" }
            text += names("not for this server", .skippedVersion, .skippedRole)
            text += names("switched off", .disabled)
        }
        return text
    }

    private func lines(_ finding: Diagnosis.Finding, _ word: String) -> String {
        let subject = finding.collectors.isEmpty ? "" : "\(finding.collectors.joined(separator: ", ")): "
        var text = Self.wrapped("\(word): \(subject)\(finding.what)", margin: 2)
        for mend in finding.mends { text += "      to mend it: \(mend)\n" }
        return text
    }

    private func names(_ word: String, _ states: Watch.State...) -> String {
        let names = diagnosis.collectors.filter { states.contains($0.state) }.map(\.name)
        guard !names.isEmpty else { return "" }
        return Self.wrapped("\(word) (\(names.count)): \(names.joined(separator: ", "))", margin: 2)
    }

    /// A text in lines that fit a terminal; what is to be copied is never broken.
    private static func wrapped(_ text: String, margin: Int) -> String {
        var lines = [String(repeating: " ", count: margin)]
        for word in text.split(separator: " ") {
            if lines[lines.count - 1].count + word.count >= width {
                lines.append(String(repeating: " ", count: margin + 4))
            }
            lines[lines.count - 1] += lines[lines.count - 1].hasSuffix(" ") ? "\(word)" : " \(word)"
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
