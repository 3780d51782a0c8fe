/// Queries with different FROMs as one statement, their rows one below the other, in which each view that several of them read is read
/// once.
///
/// Columns of different types come to stand in the same place, so all cells are texts, as the server would have sent them; the first row
/// of each query tells what they are the texts of.
struct StackedQueries {
    /// A query, or several side by side.
    struct Part {
        let query: SharedQuery
        let isGrouped: Bool
    }

    let parts: [Part]

    /// The columns before those of the queries: which of these a row is of, and the types.
    static let heading = 2

    /// The statement, and where each part's text stands in it.
    func step() -> (step: Step, texts: [Range<Int>]) {
        let steps = parts.map { $0.query.plain(grouped: $0.isGrouped) }
        let words = steps.map { SharedView.words(of: $0.sql) }
        let all = words.reduce(into: Set<String>()) { $0.formUnion($1) }
        let views = SharedView.all.filter { view in words.count { $0.contains(view.name) } > 1 }
        var text = SpannedText("")
        if !views.isEmpty { text.add("WITH \(views.map { $0.table(for: all) }.joined(separator: ",\n"))\n") }
        let width = parts.map(\.query.width).max() ?? 0
        var texts: [Range<Int>] = []
        for (number, step) in steps.enumerated() {
            let columns = (0..<parts[number].query.width).map { "p.c\($0)" }
            let types = columns.map { "pg_typeof(\($0))::oid" }.joined(separator: ", ")
            var cells = ["\(number)", "CASE WHEN row_number() OVER () = 1 THEN concat_ws(',', \(types)) END"]
            cells += columns.map { "CASE WHEN \($0) IS NOT NULL THEN concat(\($0)) END" }
            cells += Array(repeating: "NULL", count: width - columns.count)
            text.add("\(number == 0 ? "" : "\nUNION ALL ")SELECT \(cells.joined(separator: ", "))\nFROM (")
            texts.append(text.add(step))
            text.add(") AS p (\(columns.map { String($0.dropFirst(2)) }.joined(separator: ", ")))")
        }
        return (text.step(), texts)
    }
}
