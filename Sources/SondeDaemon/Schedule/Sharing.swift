import Sonde
import SondePostgres

/// Finds collectors that select from the same or ask the same, so that both name sets together ask a server no more than one of them.
///
/// They must run in the same session at the same time with the same limit: whatever the user has set apart stays apart, and so does what
/// was wrong when it was asked together.
struct Sharing {
    private struct Kin: Hashable {
        /// What they have in common.
        enum Bond: Hashable {
            case source(SharedPlan.Kinship)
            /// The very same statement, whatever each of them makes of the rows.
            case statement(Step)
        }

        let bond: Bond
        let timing: Timing
    }

    let target: Target
    let facts: Facts
    let memory: Memory

    /// Puts what can be asked together into one plan.
    ///
    /// - Parameter items: in the order in which they run; those that share a plan get it, and their columns in it.
    /// - Returns: the indices of the items that run together, those of each plan in the order of the items.
    func groups(of items: inout [Batch.Item]) -> [[Int]] {
        guard target.second.isShown else { return items.indices.map { [$0] } }
        var groups: [[Int]] = []
        var places: [Kin: Int] = [:]
        for index in items.indices {
            guard let kin = kin(of: items[index]) else {
                groups.append([index])
                continue
            }
            if let place = places[kin] {
                groups[place].append(index)
            } else {
                places[kin] = groups.count
                groups.append([index])
            }
        }
        return groups.flatMap { group in
            if case .statement = kin(of: items[group[0]])?.bond { return [group] }
            return share(group, among: &items) ? [group] : group.map { [$0] }
        }
    }

    /// Gives a group its one plan.
    ///
    /// - Returns: whether there is one.
    private func share(_ group: [Int], among items: inout [Batch.Item]) -> Bool {
        let definitions = group.compactMap { index in
            definition(items[index].collector).map { ($0, memory.refused[items[index].collector] ?? []) }
        }
        guard group.count > 1, definitions.count == group.count, let shared = SharedPlan(definitions, for: facts)
        else { return false }
        for (index, window) in zip(group, shared.windows) {
            items[index].plan = shared.plan
            items[index].window = window
        }
        return true
    }

    private func kin(of item: Batch.Item) -> Kin? {
        let collector = item.collector
        guard !memory.apart.contains(collector) else { return nil }
        let timing = target.timings[collector]
        if let kinship = definition(collector)?.kinship(for: facts, without: memory.refused[collector] ?? []) {
            return Kin(bond: .source(kinship), timing: timing)
        }
        guard case .steps(let steps) = item.plan, steps.count == 1 else { return nil }
        return Kin(bond: .statement(steps[0]), timing: timing)
    }

    private func definition(_ collector: Int) -> Definition? {
        target.registry.entries[collector].collector as? Definition
    }
}

/// Hands the same rows to several sinks.
struct SeveralSinks: RowSink {
    let sinks: [BatchSink]

    func take(_ rows: borrowing Rows, of step: Int) {
        for sink in sinks { sink.take(rows, of: step) }
    }
}
