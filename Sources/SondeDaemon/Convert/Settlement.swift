import Sonde

/// Finds place for queries of other exporters among the collectors that there are: names and families that are free.
struct Settlement {
    private var names: Set<String>
    /// Families, and the collector that each belongs to.
    private var families: [String: String] = [:]

    /// Makes room among collectors.
    ///
    /// - Parameters:
    ///   - collectors: those whose families are not free.
    ///   - names: names that are not free, beside theirs.
    init(among collectors: [any Collector], names: [String] = []) {
        self.names = Set(names)
        for collector in collectors { take(collector) }
    }

    private mutating func take(_ collector: any Collector) {
        names.insert(collector.name)
        for family in collector.metrics.flatMap(\.names) where families[family] == nil {
            families[family] = collector.name
        }
    }

    /// Gives a query a name that is free, and takes the families from it that another collector shows.
    mutating func settle(_ query: inout ForeignQuery) {
        let wanted = query.name
        var number = 1
        while names.contains(query.name) {
            number += 1
            query.name = number == 2 ? "user_\(wanted)" : "user_\(wanted)_\(number)"
        }
        guard let definition = query.definition else { return }
        var rest: [Column] = []
        var lost: [(owner: String, names: [String])] = []
        for column in query.columns {
            let name = definition.name(of: column)
            let taken = definition.metrics.first { $0.name == name && column.kind.isMetric }?.names ?? []
            guard let family = taken.first(where: { families[$0] != nil }), let owner = families[family] else {
                rest.append(column)
                continue
            }
            if let place = lost.firstIndex(where: { $0.owner == owner }) {
                lost[place].names.append(name)
            } else {
                lost.append((owner, [name]))
            }
        }
        for (owner, names) in lost {
            let what = names.count == 1 ? "a metric of this name" : "metrics of these names"
            query.notes.append("\(names.joined(separator: ", ")): left out, the collector \(owner) shows \(what)")
        }
        query.columns = rest
        if let definition = query.definition { take(definition) }
    }
}
