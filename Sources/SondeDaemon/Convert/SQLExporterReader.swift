import Sonde

/// Reads the collector files of sql_exporter, as far as they are for PostgreSQL.
struct SQLExporterReader {
    private static let collectorKeys = ["collector_name", "min_interval", "metrics", "queries"]
    private static let metricKeys = [
        "metric_name", "type", "help", "key_labels", "static_labels", "value_label", "values", "static_value",
        "timestamp_value", "query", "query_ref", "no_prepared_statement",
    ]

    private var decoder: ForeignDecoder

    /// Reads the collectors of a file, one or a list under `collectors`.
    ///
    /// - Throws: everything that is wrong.
    static func queries(in document: YAMLNode, file: String) throws(FileProblems) -> [ForeignQuery] {
        var reader = SQLExporterReader(decoder: ForeignDecoder(file: file))
        var collectors = [document]
        if let list = reader.value("collectors", of: document) {
            collectors = reader.decoder.decoder.items(list, "collectors") ?? []
        } else if let list = reader.value("collector_files", of: document) {
            reader.decoder.decoder.report(
                list, "the collectors are in the files that collector_files names: convert those")
            collectors = []
        }
        var queries: [ForeignQuery] = []
        for collector in collectors { queries += reader.read(collector) }
        try reader.decoder.decoder.finish()
        return queries
    }

    private func value(_ key: String, of node: YAMLNode) -> YAMLNode? {
        guard case .mapping(let entries) = node.content else { return nil }
        return entries.first { $0.key.text == key }?.value
    }

    private mutating func read(_ node: YAMLNode) -> [ForeignQuery] {
        guard let keys = decoder.mapping(node, "a collector", keys: Self.collectorKeys) else { return [] }
        let name = keys["collector_name"].flatMap { decoder.decoder.word($0, "collector_name") } ?? "collector"
        let every = keys["min_interval"].flatMap { interval($0) }
        var texts: [String: String] = [:]
        for item in keys["queries"].flatMap({ decoder.decoder.items($0, "queries") }) ?? [] {
            guard let query = decoder.mapping(item, "a query", keys: ["query_name", "query", "no_prepared_statement"]),
                let name = query["query_name"].flatMap({ decoder.decoder.word($0, "query_name") })
            else { continue }
            texts[name] = query["query"].flatMap { decoder.decoder.text($0, "query") }
        }
        var found: [ForeignQuery] = []
        var places: [String: Int] = [:]
        for item in keys["metrics"].flatMap({ decoder.decoder.items($0, "metrics") }) ?? [] {
            guard let metric = metric(item, texts) else { continue }
            // Metrics of one query with the same labels are one collector.
            let group = metric.reference.map { "\($0) \(metric.labels) \(metric.computed)" }
            if let group, metric.label == nil, let place = places[group] {
                found[place].columns.append(metric.column)
                found[place].notes += decoder.takeNotes()
                continue
            }
            let number = found.isEmpty ? "" : "_\(found.count + 1)"
            var query = ForeignQuery(
                key: metric.column.name, node: item, name: ForeignQuery.name(of: name + number), prefix: name,
                help: "The collector \(name)", body: metric.text)
            query.every = every
            query.columns = metric.labels.map { .label($0, SQL($0)) }
            if let label = metric.label { query.columns.append(.label(label, SQL(label))) }
            query.columns.append(metric.column)
            let body = StatementText(metric.text).wrapped(adding: metric.computed)
            query.body = metric.label.map { ForeignSQL.unpivoted(body, metric.values, label: $0) } ?? body
            query.assemble()
            query.notes = decoder.takeNotes()
            if let group, metric.label == nil { places[group] = found.count }
            found.append(query)
        }
        for index in found.indices { found[index].checkItself() }
        return found
    }

    private struct Metric {
        let column: Column
        let text: String
        let reference: String?
        let labels: [String]
        /// Columns that the query does not have by itself.
        let computed: [(sql: String, name: String)]
        /// The label that tells several values apart.
        let label: String?
        let values: [String]
    }

    private mutating func metric(_ node: YAMLNode, _ texts: [String: String]) -> Metric? {
        guard let keys = decoder.mapping(node, "a metric", keys: Self.metricKeys) else { return nil }
        guard let name = keys["metric_name"].flatMap({ decoder.decoder.word($0, "metric_name") }) else {
            decoder.decoder.report(node, "a metric needs the key \"metric_name\": add it")
            return nil
        }
        let kind: Column.Kind
        switch keys["type"]?.text?.lowercased() {
        case "counter": kind = .counter
        case "gauge": kind = .gauge
        default:
            decoder.decoder.report(keys["type"] ?? node, "\(name): write type: counter or type: gauge")
            return nil
        }
        let reference = keys["query_ref"].flatMap { decoder.decoder.word($0, "query_ref") }
        guard
            let text = keys["query"].flatMap({ decoder.decoder.text($0, "query") }) ?? reference.flatMap({ texts[$0] })
        else {
            decoder.decoder.report(
                keys["query_ref"] ?? node, "\(name) has no query: write query, or query_ref with one of queries")
            return nil
        }
        var labels = keys["key_labels"].flatMap { decoder.decoder.words($0, "key_labels") } ?? []
        var computed: [(sql: String, name: String)] = []
        for entry in keys["static_labels"].flatMap({ decoder.decoder.entries($0, "static_labels") }) ?? [] {
            labels.append(entry.key.text ?? "")
            computed.append((ForeignSQL.literal(entry.value.text ?? ""), entry.key.text ?? ""))
        }
        if let node = keys["timestamp_value"] {
            decoder.note(node, "timestamp_value is left out: samples have no time")
        }
        let values = keys["values"].flatMap { decoder.decoder.words($0, "values") } ?? []
        var source = values.first ?? ""
        var label: String?
        if let node = keys["static_value"], decoder.number(node, "static_value") != nil, let value = node.text {
            source = "static_value"
            computed.append((ForeignSQL.number(value), source))
        } else if values.isEmpty {
            decoder.decoder.report(node, "\(name) has no values: write the name of a column")
            return nil
        } else if values.count > 1 {
            label = keys["value_label"].flatMap { decoder.decoder.word($0, "value_label") } ?? "value"
            source = "shown_value"
        }
        let help = keys["help"]?.text ?? ""
        let unit = label == nil ? StatementText(text).unit(of: source) : .count
        let column = Column(
            kind, name, SQL(source), in: unit, help: help.isEmpty ? "The column \(source)" : help, metric: name)
        return Metric(
            column: column, text: text, reference: reference, labels: labels,
            computed: computed, label: label, values: values)
    }

    /// A time as Go writes it; nil for none.
    private mutating func interval(_ node: YAMLNode) -> Duration? {
        guard node.text != "0s", node.text != "0" else { return nil }
        return decoder.decoder.value(node, "min_interval") { text throws(ValueProblem) in
            try ForeignSettings.duration(text)
        }
    }
}
