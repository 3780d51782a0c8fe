/// What of a page must not change by chance: names, types, HELP and the labels' names; never a value.
enum GoldenPage {
    /// The families of a page, each with its HELP below.
    static func text(of page: PageText, title: String) throws -> String {
        var lines = ["# \(title): the families of a page. PGSONDE_UPDATE_GOLDEN=1 writes this file anew."]
        for family in page.families {
            let keys = Set(family.samples.map(\.keys))
            guard keys.count == 1, let keys = keys.first else {
                throw PageText.Fault(description: "\(family.name) has samples of different labels: \(keys)")
            }
            let labels = keys.isEmpty ? "" : " {\(keys.joined(separator: ", "))}"
            lines.append("\(family.name) \(family.type)\(labels)\n    \(family.help)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// How two texts differ, line by line; empty where they do not.
    static func difference(from old: String, to new: String) -> String {
        let old = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let new = new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var marked: [(place: Int, order: Int, text: String)] = []
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, let line, _): marked.append((offset, 0, "  - \(offset + 1): \(line)"))
            case .insert(let offset, let line, _): marked.append((offset, 1, "  + \(offset + 1): \(line)"))
            }
        }
        return marked.sorted { ($0.place, $0.order) < ($1.place, $1.order) }.map(\.text).joined(separator: "\n")
    }
}
