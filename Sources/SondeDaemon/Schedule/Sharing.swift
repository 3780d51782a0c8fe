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
    /// - Parameter items: in the order in which they run; those that share a plan get it, and their part of its rows.
    /// - Returns: the indices of the items that run together, those of each plan in the order of the items.
    func groups(of items: inout [Batch.Item]) -> [[Int]] {
        guard target.second.isShown else { return items.indices.map { [$0] } }
        var families: [(kin: Kin?, items: [Int])] = []
        var places: [Kin: Int] = [:]
        for index in items.indices {
            let kin = kin(of: items[index])
            if let kin, let place = places[kin] {
                families[place].items.append(index)
            } else {
                if let kin { places[kin] = families.count }
                families.append((kin, [index]))
            }
        }
        return stacks(of: families, among: items).flatMap { stack in
            if case .statement = families[stack[0]].kin?.bond { return [families[stack[0]].items] }
            let groups = stack.map { families[$0].items }
            if share(groups, among: &items) { return [groups.flatMap { $0 }] }
            return groups.flatMap { share([$0], among: &items) ? [$0] : $0.map { [$0] } }
        }
    }

    /// Finds the families that read the same views.
    ///
    /// - Parameters:
    ///   - families: those with one FROM, or one statement, together.
    ///   - items: all of the batch.
    /// - Returns: their indices, those that one statement reads together.
    private func stacks(of families: [(kin: Kin?, items: [Int])], among items: [Batch.Item]) -> [[Int]] {
        guard target.second.isBeside else { return families.indices.map { [$0] } }
        var stacks: [(families: [Int], views: Set<String>, timing: Timing?)] = []
        for (index, family) in families.enumerated() {
            var stack = (families: [index], views: Set<String>(), timing: family.kin?.timing)
            if case .source(let kinship) = family.kin?.bond, family.items.allSatisfy({ isBuiltIn(items[$0].collector) })
            {
                stack.views = kinship.views
            }
            var first = stacks.count
            for other in stacks.indices.reversed()
            where stacks[other].timing == stack.timing && !stacks[other].views.isDisjoint(with: stack.views) {
                let found = stacks.remove(at: other)
                stack.families = found.families + stack.families
                stack.views.formUnion(found.views)
                first = other
            }
            stacks.insert(stack, at: first)
        }
        return stacks.map(\.families)
    }

    /// Gives a group its one plan.
    ///
    /// - Parameters:
    ///   - families: those with one FROM together.
    ///   - items: all of the batch.
    /// - Returns: whether there is one.
    private func share(_ families: [[Int]], among items: inout [Batch.Item]) -> Bool {
        let group = families.flatMap { $0 }
        let members = families.map { family in
            family.compactMap { index in
                definition(items[index].collector).map { ($0, memory.refused[items[index].collector] ?? []) }
            }
        }
        guard group.count > 1, members.joined().count == group.count, let shared = SharedPlan(members, for: facts)
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

    /// A user's own SQL may do with a view what cannot be told from its words.
    private func isBuiltIn(_ collector: Int) -> Bool {
        target.registry.entries[collector].origin == Registry.Entry.builtIn
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
