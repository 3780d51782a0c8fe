import Logging
import Sonde

/// Reads the definitions of collectors that run a command.
enum ExecDecoder {
    /// The keys of such a definition, in the order of the reference.
    static let keys = [
        "name", "help", "exec", "prefix", "environment", "labels", "cost", "every", "timeout", "expire", "limit",
        "enabled",
    ]
    /// The keys of its `limit`, and how much each can be.
    static let limits: [(key: String, most: Int)] = [("bytes", 64 << 20), ("lines", 1_000_000), ("series", 1_000_000)]
    static var limitKeys: [String] { limits.map(\.key) }

    /// Words that names may not begin with, since they are those of our own metrics.
    static let reserved = ["pgsonde_", "process_", "pg_up_", "pgbouncer_up_", "pg_exporter_", "pg_scrape_"]

    /// Whether a definition is one of these.
    static func isExec(_ node: YAMLNode) -> Bool {
        guard case .mapping(let entries) = node.content else { return false }
        return entries.contains { $0.key.text == "exec" }
    }

    /// Reads a definition.
    ///
    /// - Parameters:
    ///   - node: where it stands.
    ///   - logger: what hears of what commands say; nil where the user has not allowed commands.
    ///   - decoder: takes what is wrong.
    /// - Returns: nil where something is wrong that was reported.
    static func read(_ node: YAMLNode, logger: Logger?, _ decoder: inout YAMLDecoder) -> ExecCollector? {
        let before = decoder.problems.count
        let hints = [
            "from": "a command has no SQL: remove the key", "query": "a command has no SQL: remove the key",
            "columns": "a command says itself what it shows", "metrics": "a command says itself what it shows",
            "command": "did you mean \"exec\"?", "env": "did you mean \"environment\"?",
        ]
        guard let keys = decoder.mapping(node, "a definition with exec", keys: Self.keys, hints: hints),
            let exec = keys["exec"]
        else { return nil }
        if logger == nil {
            decoder.report(
                exec, "commands are not allowed: write exec: true in the configuration, or --collectors.exec")
        }
        for key in ["name", "help"] where keys[key] == nil {
            decoder.report(node, "a definition needs the key \"\(key)\": add it")
        }
        let name = keys["name"].flatMap { decoder.word($0, "name") }
        let help = keys["help"].flatMap { decoder.text($0, "help") }
        let command = decoder.words(exec, "exec").map { absolute($0, decoder.file) }
        let prefix = keys["prefix"].flatMap { decoder.word($0, "prefix") } ?? name.map { "pg_\($0)" }
        if let prefix, let reserved = reserved.first(where: { "\(prefix)_".hasPrefix($0) }) {
            decoder.report(
                keys["prefix"] ?? node, "names that begin with \(reserved) are pgsonde's: choose another prefix")
        }
        if let node = keys["prefix"], let prefix, prefix.hasSuffix("_") {
            decoder.report(node, "the _ after the prefix comes by itself: write \(prefix.dropLast())")
        }
        let environment = keys["environment"].map { readEnvironment($0, &decoder) } ?? [:]
        let labels = keys["labels"].map { readLabels($0, &decoder) } ?? []
        let cost = keys["cost"].flatMap { decoder.choice($0, "cost", of: Cost.self) } ?? .medium
        let times = ["every", "timeout", "expire"].map { key in
            keys[key].flatMap { decoder.duration($0, key, from: .milliseconds(10), to: DurationText.longest) }
        }
        let every = times[0] ?? cost.timing.every
        let timing = Timing(every: every, timeout: times[1] ?? min(cost.timing.timeout, every), expire: times[2])
        let limits = keys["limit"].map { readLimits($0, &decoder) } ?? Exposition.Limits()
        let enabled = keys["enabled"].flatMap { decoder.bool($0, "enabled") } ?? true
        guard let logger, let name, let help, let command, let prefix, decoder.problems.count == before else {
            return nil
        }
        let collector = ExecCollector(
            name: name, help: help, prefix: prefix, command: command, environment: environment, labels: labels,
            limits: limits, cost: cost, timing: timing, enabled: enabled, logger: logger)
        for problem in Registry.problems(of: collector) + timing.problems {
            decoder.report(keys[String(problem.prefix { $0 != " " })] ?? node, problem)
        }
        return collector
    }

    /// The command with its program's path; one that does not begin with / begins in the folder of the file.
    private static func absolute(_ command: [String], _ file: String) -> [String] {
        guard let program = command.first, program.contains("/"), !program.hasPrefix("/") else { return command }
        let folder = file.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(file[..<$0]) } ?? "."
        // Commands run in the root folder, and a configuration may be named by where its reader stood.
        let start = folder.hasPrefix("/") ? "" : BoundedFile.workingFolder + "/"
        return ["\(start)\(folder)/\(program)"] + command.dropFirst()
    }

    private static func readEnvironment(_ node: YAMLNode, _ decoder: inout YAMLDecoder) -> [String: String] {
        var values: [String: String] = [:]
        for entry in decoder.entries(node, "environment") ?? [] {
            guard let name = decoder.word(entry.key, "a variable's name"),
                let value = decoder.text(entry.value, name)
            else { continue }
            if !Metric.isLabel(name) {
                decoder.report(
                    entry.key, "\(Spelling.quoted(name)) is not the name of a variable: use letters, digits and _")
            }
            if value.utf8.contains(0) { decoder.report(entry.value, "\(name) has a NUL character in it: remove it") }
            values[name] = value
        }
        return values
    }

    private static func readLabels(_ node: YAMLNode, _ decoder: inout YAMLDecoder) -> [(name: String, value: String)] {
        var labels: [(name: String, value: String)] = []
        for entry in decoder.entries(node, "labels") ?? [] {
            guard let name = decoder.word(entry.key, "a label's name"), let value = decoder.text(entry.value, name)
            else { continue }
            if !Metric.isLabel(name) || name == "le" || name == "quantile" {
                decoder.report(
                    entry.key, "\(Spelling.quoted(name)) cannot be a label's name: use letters, digits and _")
            }
            labels.append((name, value))
        }
        return labels
    }

    private static func readLimits(_ node: YAMLNode, _ decoder: inout YAMLDecoder) -> Exposition.Limits {
        var limits = Exposition.Limits()
        guard let keys = decoder.mapping(node, "limit", keys: limitKeys) else { return limits }
        let read = Self.limits.map { limit in keys[limit.key].flatMap { decoder.int($0, limit.key, in: 1...limit.most) }
        }
        limits.bytes = read[0] ?? limits.bytes
        limits.lines = read[1] ?? limits.lines
        limits.series = read[2] ?? limits.series
        return limits
    }
}
