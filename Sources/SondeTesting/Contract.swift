public import Sonde

/// Checks what a collector emits against what it declares.
public enum Contract {
    /// Everything that is wrong with what a definition makes of rows that fit it, one line each.
    ///
    /// - Parameters:
    ///   - definition: what is checked.
    ///   - facts: the server that it would run on.
    /// - Returns: nothing where all is well.
    public static func problems(of definition: Definition, on facts: Facts) -> [String] {
        problems(of: definition, on: Canned.results(for: definition, on: facts))
    }

    /// Everything that is wrong with what a collector makes of some results, one line each.
    ///
    /// It must emit declared families with declared labels only, no label set twice, no counter that is negative, the same bytes for the
    /// same results, and nothing but constants for rows of NULLs.
    ///
    /// - Parameters:
    ///   - collector: what is checked.
    ///   - results: one for each step of its plan; what they hold must be readable and give at least one sample.
    /// - Returns: nothing where all is well.
    public static func problems(of collector: any Collector, on results: [Canned]) -> [String] {
        do {
            var rehearsal = Rehearsal(collector)
            let outcome = try rehearsal.run(results)
            var problems = declared(outcome.page, by: collector) + counts(outcome.counts)
            var second = Rehearsal(collector)
            if try second.run(results) != outcome { problems.append("the same results give another page later") }
            var third = Rehearsal(collector)
            return problems + nothing(try third.run(results.map(\.nulls)).page, by: collector)
        } catch {
            return ["its reader throws \(error)"]
        }
    }

    private static func declared(_ page: String, by collector: any Collector) -> [String] {
        var problems: [String] = []
        var metrics: [String: Metric] = [:]
        for metric in collector.metrics {
            for name in metric.sampleNames { metrics[name] = metric }
        }
        var seen: Set<[String]> = []
        for line in page.split(separator: "\n") where !line.hasPrefix("#") {
            guard let sample = SampleLine(line), let metric = metrics[sample.name] else {
                problems.append("\(line) is no sample of a family that it declares")
                continue
            }
            let own = metric.labels + (sample.name.hasSuffix("_bucket") && metric.kind == .histogram ? ["le"] : [])
            for label in sample.labels where !own.contains(label.name) {
                problems.append("\(sample.name) has the label \(label.name), which it does not declare")
            }
            if !seen.insert([sample.name] + sample.labels.flatMap { [$0.name, $0.value] }).inserted {
                problems.append("\(line) is there twice")
            }
            if metric.kind == .counter, sample.value.hasPrefix("-") || sample.value == "NaN" {
                problems.append("\(sample.name) is a counter and cannot be \(sample.value)")
            }
        }
        return problems
    }

    private static func counts(_ counts: Samples.Counts) -> [String] {
        var problems: [String] = []
        if counts.series == 0 { problems.append("the results give no sample") }
        if counts.duplicates > 0 { problems.append("\(counts.duplicates) label sets were there twice") }
        if counts.unreadable > 0 { problems.append("\(counts.unreadable) cells or samples could not be read") }
        return problems
    }

    private static func nothing(_ page: String, by collector: any Collector) -> [String] {
        let constants = Set(collector.metrics.filter { $0.kind == .info }.map(\.name))
        return page.split(separator: "\n").compactMap { line in
            guard let sample = SampleLine(line), !constants.contains(sample.name) else { return nil }
            return "NULL gives the sample \(line)"
        }
    }
}
