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
        // More rows than a limit lets through, where that is not very many.
        let rows = definition.limit.map { $0.rows < 1_000 ? $0.rows + 2 : 2 } ?? 2
        return problems(of: definition, on: Canned.results(for: definition, on: facts, rows: max(rows, 2)))
    }

    /// Everything that is wrong with what a collector makes of some results, one line each.
    ///
    /// It must emit declared families with declared labels only, no label set twice, no more rows by name than its limit, no counter that
    /// is negative or falls while the results stay the same, the same bytes for the same results, and nothing but constants for rows of
    /// NULLs.
    ///
    /// - Parameters:
    ///   - collector: what is checked.
    ///   - results: one for each step of its plan; what they hold must be readable and give at least one sample by the second poll.
    /// - Returns: nothing where all is well.
    public static func problems(of collector: any Collector, on results: [Canned]) -> [String] {
        do {
            let first = try polls(of: collector, on: results)
            var problems = problems(of: collector, in: first)
            if try polls(of: collector, on: results) != first {
                problems.append("the same results give another page later")
            }
            return problems + nothing(try polls(of: collector, on: results.map(\.nulls)), by: collector)
        } catch {
            return ["its reader throws \(error)"]
        }
    }

    /// Everything that is wrong with a collector that asks no server, one line each; it is run, on whatever it reads.
    ///
    /// What it emits is checked as in ``problems(of:in:)``; and it must end within its time limit, and when it is cancelled.
    ///
    /// - Returns: nothing where all is well.
    public static func problems(of collector: any LocalCollector) async -> [String] {
        var rehearsal = LocalRehearsal(collector)
        do {
            let outcomes = [try await rehearsal.run(), try await rehearsal.run()]
            let problems = problems(of: collector, in: outcomes)
            do {
                _ = try await rehearsal.run(within: .zero)
            } catch let overrun as LocalRehearsal.Overrun where overrun.isStuck {
                return problems + ["\(overrun)"]
            } catch {
                // Of what was cancelled nothing else is expected.
            }
            return problems
        } catch let overrun as LocalRehearsal.Overrun {
            return ["\(overrun)"]
        } catch {
            return ["its probe throws \(error)"]
        }
    }

    /// Everything that is wrong with what a collector gave in some polls, one after the other, one line each.
    ///
    /// It must emit declared families with declared labels only, no label set twice, no more rows by name than its limit, no cell that it
    /// could not read, no counter that is negative or less than in the poll before, and at least one sample in the last.
    ///
    /// - Parameters:
    ///   - collector: what is checked.
    ///   - outcomes: what ``Rehearsal``, ``LocalRehearsal`` or ``LiveRehearsal`` gave, poll by poll.
    /// - Returns: nothing where all is well.
    public static func problems(of collector: any Collector, in outcomes: [Rehearsal.Outcome]) -> [String] {
        var problems: [String] = []
        for outcome in outcomes {
            for problem in declared(outcome.page, by: collector) + counts(outcome.counts)
                + limit(outcome.page, of: collector)
            where !problems.contains(problem) {
                problems.append(problem)
            }
        }
        if outcomes.last?.counts.series == 0 { problems.append("the results give no sample") }
        for (before, after) in zip(outcomes, outcomes.dropFirst()) {
            problems += falls(from: before.page, to: after.page)
        }
        return problems
    }

    private static func polls(of collector: any Collector, on results: [Canned]) throws -> [Rehearsal.Outcome] {
        var rehearsal = Rehearsal(collector)
        return [try rehearsal.run(results), try rehearsal.run(results)]
    }

    private static func declared(_ page: String, by collector: any Collector) -> [String] {
        var problems: [String] = []
        var metrics: [String: Metric] = [:]
        for metric in collector.metrics {
            for name in metric.sampleNames { metrics[name] = metric }
        }
        var seen: Set<[String]> = []
        for sample in samples(page) {
            if !seen.insert(sample.key).inserted { problems.append("\(sample.text) is there twice") }
            guard let metric = metrics[sample.name] else {
                if collector.prefixes.contains(where: sample.name.hasPrefix) { continue }
                problems.append("\(sample.text) is no sample of a family that it declares")
                continue
            }
            // What the daemon adds.
            let added = collector.per == .database ? ["datname"] : []
            let own =
                added + metric.labels + (sample.name.hasSuffix("_bucket") && metric.kind == .histogram ? ["le"] : [])
            for label in sample.labels where !own.contains(label.name) {
                problems.append("\(sample.name) has the label \(label.name), which it does not declare")
            }
            if metric.kind == .counter, sample.value.hasPrefix("-") || sample.value == "NaN" {
                problems.append("\(sample.name) is a counter and cannot be \(sample.value)")
            }
        }
        return problems
    }

    private static func counts(_ counts: Samples.Counts) -> [String] {
        var problems: [String] = []
        if counts.duplicates > 0 { problems.append("\(counts.duplicates) label sets were there twice") }
        if counts.unreadable > 0 { problems.append("\(counts.unreadable) cells or samples could not be read") }
        return problems
    }

    private static func limit(_ page: String, of collector: any Collector) -> [String] {
        guard let limit = collector.limit else { return [] }
        var named: [String: Int] = [:]
        for sample in samples(page) where sample.labels.contains(where: { $0.value != "other" }) {
            named[sample.name, default: 0] += 1
        }
        return named.filter { $0.value > limit.rows }.sorted { $0.key < $1.key }
            .map { "\($0.key) has \($0.value) rows by name, and the limit is \(limit.rows)" }
    }

    private static func falls(from before: String, to after: String) -> [String] {
        let counters = Set(
            after.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") && $0.hasSuffix(" counter") }
                .map { String($0.split(separator: " ")[2]) })
        var olds: [[String]: SampleLine] = [:]
        for sample in samples(before) where counters.contains(sample.name) { olds[sample.key] = sample }
        return samples(after).compactMap { sample in
            guard let old = olds[sample.key], let was = Double(old.value), let now = Double(sample.value), now < was
            else { return nil }
            return "\(old.text) falls to \(sample.value)"
        }
    }

    private static func nothing(_ outcomes: [Rehearsal.Outcome], by collector: any Collector) -> [String] {
        let constants = Set(collector.metrics.filter { $0.kind == .info }.map(\.name))
        return outcomes.first.map { samples($0.page) }?.filter { !constants.contains($0.name) }
            .map { "NULL gives the sample \($0.text)" } ?? []
    }

    private static func samples(_ page: String) -> [SampleLine] {
        page.split(separator: "\n").compactMap { SampleLine($0) }
    }
}
