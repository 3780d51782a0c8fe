import Sonde

/// A run of a definition over canned rows.
struct Rendering {
    var texts: [String: String] = [:]
    var counts = Samples.Counts()

    /// Runs a definition's reader once.
    init(
        _ definition: Definition, _ columns: [Rows.Column], _ rows: [[[UInt8]?]],
        fixed: [(name: String, value: String)] = []
    ) throws {
        var samples = Samples(metrics: definition.metrics, labels: fixed)
        var reader = definition.makeReader(for: definition.timing)
        try reader.read(Rows(columns: columns, bytes: rows), of: 0, into: &samples)
        try reader.finish(into: &samples)
        for (index, metric) in definition.metrics.enumerated() { texts[metric.name] = samples.string(of: index) }
        counts = samples.counts
    }

    /// The same of texts.
    init(
        _ definition: Definition, _ columns: [Rows.Column], texts: [[String?]],
        fixed: [(name: String, value: String)] = []
    ) throws {
        try self.init(definition, columns, texts.map { $0.map { $0.map { Array($0.utf8) } } }, fixed: fixed)
    }

    /// The lines of a family.
    subscript(metric: String) -> String {
        texts[metric] ?? "no family \(metric)"
    }
}

/// What a single cell becomes as the value of a sample; nil where it cannot be read.
func rendered(_ cell: String, type: UInt32 = 20, in unit: Unit = .count) throws -> String? {
    let definition = Definition(
        "cell", help: "A cell.", from: "t", columns: [.gauge("value", "v", in: unit, help: "The cell.")])
    let rendering = try Rendering(definition, [Rows.Column("value", type: type)], texts: [[cell]])
    let text = rendering["pg_cell_value"]
    guard !text.isEmpty else { return rendering.counts.unreadable == 1 ? nil : "lost" }
    return try ExpositionParser.samples(in: text.utf8).first?.text
}
