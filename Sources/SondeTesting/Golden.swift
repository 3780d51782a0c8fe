/// What of a page is an interface: names, types, help and the labels' names, without any value.
///
/// Keep it in a file and compare: a difference is a change that dashboards and alerts will notice.
public enum Golden {
    /// A page without its values: each family's header, then the sets of label names that its samples carry.
    ///
    /// - Parameter page: a page in the text format 0.0.4.
    /// - Returns: the golden text, which ends in a line feed.
    public static func text(of page: String) -> String {
        var lines: [String] = []
        var shapes: Set<String> = []
        for line in page.split(separator: "\n") {
            guard let sample = SampleLine(line) else {
                lines.append(String(line))
                continue
            }
            let shape = "\(sample.name){\(sample.labels.map(\.name).joined(separator: ","))}"
            if shapes.insert(shape).inserted { lines.append(shape) }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The lines by which two golden texts differ, `-` before what is gone and `+` before what is new.
    ///
    /// - Returns: nothing where they are equal.
    public static func difference(from old: String, to new: String) -> [String] {
        let change = new.split(separator: "\n").difference(from: old.split(separator: "\n"))
        return change.removals.map { "- " + Self.line($0) } + change.insertions.map { "+ " + Self.line($0) }
    }

    private static func line(_ change: CollectionDifference<Substring>.Change) -> String {
        switch change {
        case .insert(_, let element, _), .remove(_, let element, _): String(element)
        }
    }
}
