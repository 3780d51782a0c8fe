import Sonde

/// Writes definitions as YAML for people: what is at its default is left out, and SQL of several lines stands as it is.
enum DefinitionEncoder {
    /// The file of one definition.
    static func text(_ definition: Definition) -> String {
        YAMLWriter.text(node(definition))
    }

    private static func node(_ definition: Definition) -> YAMLNode {
        var entries: [(String, YAMLNode)] = [("name", .text(definition.name)), ("help", .text(definition.help))]
        if definition.prefix != Definition.prefix(of: definition.name, definition.kind) {
            entries.append(("prefix", .text(definition.prefix)))
        }
        if let query = definition.query {
            entries.append(("query", node(query)))
        } else {
            entries.append(("from", node(definition.from)))
        }
        if let path = definition.searchPath { entries.append(("search_path", .text(path))) }
        let columns = definition.columns.map { node($0, byName: definition.query != nil) }
        entries.append(("columns", YAMLNode(content: .sequence(columns))))
        if definition.kind != .postgresql { entries.append(("kind", .plain(definition.kind.rawValue))) }
        if definition.per != .server { entries.append(("per", .plain(definition.per.rawValue))) }
        if definition.databases != .all { entries.append(("databases", node(definition.databases))) }
        if definition.on != .any { entries.append(("on", .plain(definition.on.rawValue))) }
        switch definition.axis {
        case .server: break
        case .extension("server"): entries.append(("axis", .mapping([("extension", .text("server"))])))
        case .extension(let name): entries.append(("axis", .text(name)))
        }
        let requires = requirements(definition.requires)
        if !requires.isEmpty { entries.append(("requires", .mapping(requires))) }
        if definition.cost != .light { entries.append(("cost", .plain(definition.cost.rawValue))) }
        entries += times(definition)
        if definition.group { entries.append(("group", .plain("true"))) }
        if definition.each { entries.append(("each", .plain("true"))) }
        var limit = definition.limit.map(node) ?? []
        if let most = definition.mostSeries { limit.append(("series", .plain("\(most)"))) }
        if !limit.isEmpty { entries.append(("limit", .mapping(limit))) }
        if !definition.enabled { entries.append(("enabled", .plain("false"))) }
        return .mapping(entries)
    }

    private static func node(_ databases: Databases) -> YAMLNode {
        let list = { (items: [String]) in YAMLNode(content: .sequence(items.map(YAMLNode.text))) }
        var entries: [(String, YAMLNode)] = []
        if databases.include != Databases.all.include { entries.append(("include", list(databases.include))) }
        if !databases.exclude.isEmpty { entries.append(("exclude", list(databases.exclude))) }
        return .mapping(entries)
    }

    private static func requirements(_ requires: Definition.Requirements) -> [(String, YAMLNode)] {
        let list = { (items: [String]) in YAMLNode(content: .sequence(items.map(YAMLNode.text))) }
        var entries: [(String, YAMLNode)] = []
        let grants = requires.roles + requires.privileges.map(\.text)
        if !requires.extensions.isEmpty { entries.append(("extensions", list(requires.extensions))) }
        if !grants.isEmpty { entries.append(("privileges", list(grants))) }
        if !requires.settings.isEmpty {
            let settings = requires.settings.sorted { $0.key < $1.key }
            entries.append(
                (
                    "settings",
                    YAMLNode(content: .mapping(settings.map { YAMLNode.Entry(key: .text($0), value: .text($1)) }))
                ))
        }
        if !requires.relations.isEmpty { entries.append(("relations", list(requires.relations))) }
        return entries
    }

    private static func node(_ limit: Limit) -> [(String, YAMLNode)] {
        var entries: [(String, YAMLNode)] = [("rows", .plain("\(limit.rows)"))]
        if let most = limit.perServer { entries.append(("per_server", .plain("\(most)"))) }
        let by = limit.by.map(YAMLNode.text)
        entries.append(("by", by.count == 1 ? by[0] : YAMLNode(content: .sequence(by))))
        if let since = limit.since { entries.append(("since", node(since))) }
        if limit.cap != Limit.usualCap { entries.append(("cap", .plain("\(limit.cap)"))) }
        return entries
    }

    /// The times that are not those of the cost.
    private static func times(_ definition: Definition) -> [(String, YAMLNode)] {
        let (timing, usual) = (definition.timing, definition.cost.timing)
        var entries: [(String, YAMLNode)] = []
        if timing.every != usual.every { entries.append(("every", time(timing.every))) }
        if timing.timeout != min(usual.timeout, timing.every) { entries.append(("timeout", time(timing.timeout))) }
        if timing.expire != Timing(every: timing.every, timeout: timing.timeout).expire {
            entries.append(("expire", time(timing.expire)))
        }
        return entries
    }

    /// A column; one of a whole query has its own name there unless another is said.
    private static func node(_ column: Column, byName: Bool) -> YAMLNode {
        var entries = [(column.kind.rawValue, YAMLNode.text(column.name))]
        if !byName || column.sql != SQL(column.name) { entries.append(("sql", node(column.sql))) }
        let isMetric = column.kind.isMetric
        if let histogram = column.histogram {
            entries.append(("buckets", node(histogram.buckets)))
            entries.append(("sum", node(histogram.sum)))
            entries.append(("count", node(histogram.count)))
        }
        if !column.states.isEmpty {
            entries.append(("states", YAMLNode(content: .sequence(column.states.map(YAMLNode.text)))))
        }
        // The unit of a label says nothing.
        if isMetric, column.unit != .count { entries.append(("in", .plain(column.unit.rawValue))) }
        if column.other != .none { entries.append(("other", .plain(column.other.rawValue))) }
        if isMetric || !column.help.isEmpty { entries.append(("help", .text(column.help))) }
        if isMetric, let metric = column.metric { entries.append(("metric", .text(metric))) }
        return .mapping(entries)
    }

    private static func node(_ sql: SQL) -> YAMLNode {
        if let text = sql.everywhere { return .text(text) }
        return .mapping(sql.eras.map { ("\($0.since)", $0.text.map { .text($0) } ?? .plain("null")) })
    }

    private static func time(_ duration: Duration) -> YAMLNode {
        .plain(DurationText.text(duration))
    }
}
