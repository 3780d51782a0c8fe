/// One plan for several definitions that select from the same: the columns of all of them in one statement.
package struct SharedPlan: Sendable {
    /// What definitions must have in common to share a plan.
    package struct Kinship: Sendable, Hashable {
        fileprivate let from: String
        fileprivate let each: Bool
        fileprivate let isGrouped: Bool
        /// What is grouped by: with other keys there would be other groups.
        fileprivate let keys: Set<String>
    }

    /// What to run.
    package let plan: Plan
    /// Which columns of the last step's rows belong to each of the definitions.
    package let windows: [Range<Int>]

    /// Makes the plan; nil where one of the definitions does not run there.
    ///
    /// - Parameters:
    ///   - definitions: those of one kinship, each with the columns that the server did not accept.
    ///   - facts: what is known of the server.
    package init?(_ definitions: [(definition: Definition, refused: Set<String>)], for facts: Facts) {
        var queries: [Query] = []
        for (definition, refused) in definitions {
            guard case .query(let query) = definition.look(at: facts, without: refused) else { return nil }
            queries.append(query)
        }
        guard let first = definitions.first?.definition else { return nil }
        let shared = SharedQuery(queries: queries)
        windows = shared.windows(each: first.each)
        plan = first.each ? shared.relationByRelation() : .steps([shared.plain(grouped: first.group)])
    }
}

extension Definition {
    /// What this definition must have in common with others to share a plan with them; nil where it does not run.
    package func kinship(for facts: Facts, without refused: Set<String>) -> SharedPlan.Kinship? {
        guard searchPath == nil, case .query(let query) = look(at: facts, without: refused) else { return nil }
        return SharedPlan.Kinship(
            from: query.from, each: each, isGrouped: group, keys: group ? Set(query.keys.map(\.sql)) : [])
    }
}
