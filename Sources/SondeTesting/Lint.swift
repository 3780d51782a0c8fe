public import Sonde

/// The rules of names, units, help and labels; there is no list of exceptions.
public enum Lint {
    private static let rules: [@Sendable (Metric, any Collector) -> String?] = [
        spelling, prefix, counter, info, unit, foreignUnit, histogram, sentence, source, labels,
    ]

    /// Everything that is wrong with a collector, one line each; the first lines are what the daemon would refuse it for.
    public static func problems(of collector: any Collector) -> [String] {
        Registry.problems(of: collector)
            + collector.metrics.flatMap { metric in
                problems(of: metric, in: collector).map { "\(metric.name): \($0)" }
            }
    }

    /// What is wrong with one of a collector's metrics, one line each.
    package static func problems(of metric: Metric, in collector: any Collector) -> [String] {
        rules.compactMap { $0(metric, collector) }
    }

    /// Names are words of lower-case letters and digits, parted by one `_`.
    @Sendable static func spelling(_ metric: Metric, _: any Collector) -> String? {
        isSnake(metric.name) ? nil : "a name is of lower-case words, parted by one _"
    }

    /// Names begin with a word of the project's and the collector's name; one that asks PgBouncer has that word in its name.
    @Sendable static func prefix(_ metric: Metric, _ collector: any Collector) -> String? {
        if collector.kind == .pgbouncer {
            let isNamed = collector.name.hasPrefix("pgbouncer_") && metric.name.hasPrefix("\(collector.name)_")
            return isNamed ? nil : "a name begins with the collector's, and that with pgbouncer_"
        }
        let rest = metric.name.drop { $0 != "_" }
        return rest.hasPrefix("_\(collector.name)_") ? nil : "a name begins with a word and _\(collector.name)_"
    }

    /// Counters, and only they, end in `_total`.
    @Sendable static func counter(_ metric: Metric, _: any Collector) -> String? {
        switch (metric.kind, metric.name.hasSuffix("_total")) {
        case (.counter, false): "a counter ends in _total"
        case (.gauge, true), (.info, true), (.untyped, true), (.histogram, true), (.stateset, true):
            "only a counter ends in _total"
        default: nil
        }
    }

    /// Constants, and only they, end in `_info`.
    @Sendable static func info(_ metric: Metric, _: any Collector) -> String? {
        switch (metric.kind, metric.name.hasSuffix("_info")) {
        case (.info, false): "a constant that carries labels ends in _info"
        case (.gauge, true), (.counter, true), (.untyped, true), (.histogram, true), (.stateset, true):
            "only a constant ends in _info"
        default: nil
        }
    }

    /// Names end in the base unit, and only where they are in it; a point in time is a gauge.
    @Sendable static func unit(_ metric: Metric, _: any Collector) -> String? {
        if metric.unit == .timestamp, metric.kind != .gauge { return "a point in time is a gauge" }
        let name = withoutTotal(metric)
        let found = ["timestamp_seconds", "seconds", "bytes", "ratio"].first { name.hasSuffix("_\($0)") }
        guard found != metric.unit.suffix else { return nil }
        guard let suffix = metric.unit.suffix else { return "the name says \(found ?? ""), the unit is \(metric.unit)" }
        return "a name in \(metric.unit) ends in _\(suffix)"
    }

    /// No word of a name is a unit other than seconds, bytes and ratio.
    @Sendable static func foreignUnit(_ metric: Metric, _: any Collector) -> String? {
        let foreign: Set<Substring> = [
            "ms", "us", "ns", "milliseconds", "microseconds", "nanoseconds", "minutes", "hours", "days", "kb", "mb",
            "gb", "kilobytes",
            "megabytes", "gigabytes", "bits", "percent", "percentage",
        ]
        return metric.name.split(separator: "_").first { foreign.contains($0) }.map { "\($0) is no base unit" }
    }

    /// The ends of names that belong to histograms and summaries are theirs.
    @Sendable static func histogram(_ metric: Metric, _: any Collector) -> String? {
        ["_count", "_sum", "_bucket"].first { metric.name.hasSuffix($0) }.map { "\($0) is for histograms" }
    }

    /// Help is one line, begins with a capital, a digit or a sign, ends without a full stop and is short enough to be read.
    @Sendable static func sentence(_ metric: Metric, _: any Collector) -> String? {
        guard let first = metric.help.first else { return "help is missing" }
        if metric.help.contains(where: \.isNewline) { return "help must be one line" }
        if first.isLowercase { return "help must begin with a capital" }
        if metric.help.hasSuffix(".") { return "help must end without a full stop" }
        return metric.help.utf8.count > 200 ? "help is longer than 200 bytes" : nil
    }

    /// Help ends by naming where the number comes from, in parentheses: a view and its column, or a function.
    @Sendable static func source(_ metric: Metric, _: any Collector) -> String? {
        var depth = 0
        var place = metric.help.endIndex
        while place > metric.help.startIndex {
            place = metric.help.index(before: place)
            if metric.help[place] == ")" { depth += 1 }
            if metric.help[place] == "(" { depth -= 1 }
            if depth == 0 { break }
        }
        let named = metric.help[place...]
        let isSource = named.hasPrefix("(") && named.hasSuffix(")") && named.contains { $0 == "." || $0 == "_" }
        return isSource
            ? nil : "help must end in the source in parentheses, with a . or _ in it, as in (pg_stat_wal.wal_bytes)"
    }

    /// Labels are words of lower case; what Prometheus sets by itself, and what is without bound, is no label.
    @Sendable static func labels(_ metric: Metric, _: any Collector) -> String? {
        let reserved: Set = [
            "type", "database", "table", "job", "instance", "server", "env", "environment", "cluster", "region", "zone",
            "le", "quantile", "datid", "relid", "pid", "client_port", "query",
        ]
        for label in metric.labels {
            if reserved.contains(label) || label.hasPrefix("exported_") { return "\(label) is no label of ours" }
            if !isSnake(label) { return "\(label): a label is of lower-case words, parted by one _" }
        }
        return nil
    }

    private static func withoutTotal(_ metric: Metric) -> Substring {
        metric.kind == .counter && metric.name.hasSuffix("_total")
            ? metric.name.dropLast("_total".count) : metric.name[...]
    }

    private static func isSnake(_ name: String) -> Bool {
        let words = name.split(separator: "_", omittingEmptySubsequences: false)
        return name.first?.isLetter == true
            && words.allSatisfy { word in
                !word.isEmpty
                    && word.utf8.allSatisfy { byte in
                        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    }
            }
    }
}
