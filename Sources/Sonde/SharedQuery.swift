/// The columns of several definitions with one FROM, side by side.
struct SharedQuery {
    let queries: [Query]

    private var from: String { queries.first?.from ?? "" }

    /// Every expression that a metric needs, once, however many metrics need it.
    private var metrics: [Query.Part] {
        var seen: Set<String> = []
        return queries.flatMap(\.metrics).filter { seen.insert($0.sql).inserted }
    }

    /// The number of columns of a plain statement.
    var width: Int { queries.reduce(0) { $0 + $1.keys.count + $1.values.count } }

    /// Which columns of the rows belong to each of the queries.
    func windows(each: Bool) -> [Range<Int>] {
        var windows: [Range<Int>] = []
        for query in queries {
            let start = windows.last?.upperBound ?? 0
            windows.append(start..<start + query.keys.count + (each ? query.metrics.count + 2 : query.values.count))
        }
        return windows
    }

    /// One statement; equal names of columns are no fault in it, since every definition looks at its own columns only.
    func plain(grouped: Bool) -> Step {
        var text = SpannedText("SELECT ")
        var places: [Int] = []
        var next = 1
        for (index, query) in queries.enumerated() {
            if index > 0 { text.add(",\n  ") }
            query.add(query.keys + query.values, to: &text)
            places += next..<next + query.keys.count
            next += query.keys.count + query.values.count
        }
        text.add("\nFROM ")
        text.add(from, of: "from")
        if grouped, !places.isEmpty { text.add("\nGROUP BY " + places.map(String.init).joined(separator: ", ")) }
        // What one of them wants all rows of is read whole.
        let most = queries.map(\.most)
        if let cap = most.compactMap({ $0 }).max(), !most.contains(nil) { text.add("\nLIMIT \(cap + 1)") }
        return text.step()
    }

    /// Page by page, each relation opened once for all.
    func relationByRelation() -> Plan {
        let all = Query(from: from, columns: metrics)
        return .pages(
            size: all.fullPage, first: [Step(Query.reset), all.check()], page: [Step(all.block), found()])
    }

    /// The statement that shows what the block found: for each query the relation, whether it was left out, labels and metrics.
    private func found() -> Step {
        var places: [String: Int] = [:]
        for (index, metric) in metrics.enumerated() { places[metric.sql] = index + 2 }
        var outer: [String] = []
        for (number, query) in queries.enumerated() {
            outer += ["q.\(Query.relation)", "v.f IS NULL AS \(Query.leftOut)"]
            outer += query.keys.enumerated().map { "q.\(Self.key(number, $0)) AS \(Identifier.quoted($1.name))" }
            outer += query.metrics.map {
                "nullif(v.f[\(places[$0.sql] ?? 0)], '') AS \(Identifier.quoted($0.name))"
            }
        }
        var text = SpannedText("SELECT \(outer.joined(separator: ", "))\nFROM (SELECT c.oid AS \(Query.relation)")
        for (number, query) in queries.enumerated() {
            for (index, key) in query.keys.enumerated() {
                text.add(", (")
                text.add(key.sql, of: key.name)
                text.add(") AS \(Self.key(number, index))")
            }
        }
        text.add("\nFROM ")
        text.add(from, of: "from")
        text.add(Query.join)
        return text.step()
    }

    private static func key(_ query: Int, _ index: Int) -> String {
        "pgsonde_\(query)_\(index)"
    }
}
