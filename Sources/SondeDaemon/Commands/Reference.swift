import Sonde

/// The page of all metrics, as Markdown: what `pgsonde collector reference` prints.
struct Reference {
    let collectors: [any Collector]

    /// The whole page.
    var text: String {
        var text = """
            # Metrics

            <!-- Made by `pgsonde collector reference`; a test keeps it current. -->

            What every collector shows, in the order of the page. Which collectors there are, and which of them run unless \
            you say otherwise: `pgsonde collector list`. All values are in base units (seconds, bytes, ratios); a value that \
            PostgreSQL does not know (NULL) is no sample. Beside the labels below, samples carry `server` where there are \
            several servers, and `datname` where a collector runs in every database.


            """
        for collector in collectors { text += section(collector) }
        text += "## pgsonde itself\n\nWhat pgsonde says about the servers, its collectors and its own process.\n\n"
        let own = Status.headMetrics() + SelfMetrics.all + ProcessMetrics.all
        text += table(own.map { ($0, "") }, isVersioned: false)
        return text
    }

    private func section(_ collector: any Collector) -> String {
        let definition = collector as? Definition
        var facts = [
            """
            \(collector.cost.rawValue), every \(DurationText.text(collector.timing.every)), at most \
            \(DurationText.text(collector.timing.timeout)) a query, shown for \(DurationText.text(collector.timing.expire))
            """,
            collector is any LocalCollector ? "once, asking no server" : place(collector.per),
            collector.enabled ? "on" : "off by default",
        ]
        if collector.kind == .pgbouncer { facts.append("PgBouncer") }
        if let definition {
            let versions = Availability(definition).text
            if versions != Availability.all(of: collector.kind) {
                facts.append(collector.kind == .postgresql ? "PostgreSQL \(versions)" : versions)
            }
            switch definition.on {
            case .any: break
            case .primary: facts.append("primaries only")
            case .standby: facts.append("standbys only")
            }
        }
        let needs = needs(of: definition)
        if !needs.isEmpty { facts.append("needs \(needs.joined(separator: ", "))") }
        let rows = collector.metrics.map { metric in (metric, versions(of: metric, in: definition)) }
        return """
            ## \(collector.name)

            \(Self.escape(collector.help)). *\(facts.joined(separator: "; ")).*

            \(table(rows, isVersioned: definition != nil))

            """
    }

    private func place(_ scope: Scope) -> String {
        switch scope {
        case .server: "once per server"
        case .database: "in every database"
        case .anywhere: "once per server, in a database that has what it needs"
        }
    }

    private func needs(of definition: Definition?) -> [String] {
        guard let requires = definition?.requires else { return [] }
        return requires.roles.map { "`\($0)`" } + requires.privileges.map { "`\($0.text)`" }
            + requires.extensions.map { "extension `\($0)`" }
            + requires.settings.map { "`\($0.key) = \($0.value)`" }.sorted()
            + requires.relations.map { "`\($0)`" }
    }

    private func versions(of metric: Metric, in definition: Definition?) -> String {
        guard let definition else { return "" }
        let column = definition.columns.first { $0.kind != .label && definition.name(of: $0) == metric.name }
        return column.map { Availability(definition).text(of: $0) } ?? Availability(definition).text
    }

    private func table(_ rows: [(metric: Metric, versions: String)], isVersioned: Bool) -> String {
        var text = "| metric | type | unit | labels |\(isVersioned ? " versions |" : "") what |\n"
        text += "|---|---|---|---|\(isVersioned ? "---|" : "")---|\n"
        for (metric, versions) in rows {
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            text +=
                "| `\(metric.name)` | \(metric.kind.rawValue) | \(Self.unit(metric)) | \(labels) |\(isVersioned ? " \(versions) |" : "")"
            text += " \(Self.escape(metric.help)) |\n"
        }
        return text
    }

    /// The unit that is shown, which is the base unit.
    private static func unit(_ metric: Metric) -> String {
        guard metric.unit.suffix == Unit.timestamp.suffix else { return metric.unit.suffix ?? "" }
        return "seconds since 1970"
    }

    /// Text within a table, where a bar would end the cell.
    private static func escape(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
