/// One plan for several definitions that select from the same, or from the same views: all of them in one statement.
package struct SharedPlan: Sendable {
    /// What definitions must have in common to have their columns side by side.
    package struct Kinship: Sendable, Hashable {
        fileprivate let from: String
        fileprivate let each: Bool
        fileprivate let isGrouped: Bool
        /// What is grouped by: with other keys there would be other groups.
        fileprivate let keys: Set<String>

        /// The views that can be read once for these definitions and others, whose rows then follow theirs.
        package var views: Set<String> { each ? [] : SharedView.names(in: from) }
    }

    /// A definition with the columns that the server did not accept.
    package typealias Member = (definition: Definition, refused: Set<String>)

    /// What to run.
    package let plan: Plan
    /// What of the last step's rows belongs to each of the definitions.
    package let windows: [SharedWindow]

    /// Makes the plan; nil where one of the definitions does not run there.
    ///
    /// - Parameters:
    ///   - families: those of one kinship together.
    ///   - facts: what is known of the server.
    package init?(_ families: [[Member]], for facts: Facts) {
        var parts: [StackedQueries.Part] = []
        for family in families {
            var queries: [Query] = []
            for (definition, refused) in family {
                guard case .query(let query) = definition.look(at: facts, without: refused) else { return nil }
                queries.append(query)
            }
            guard let first = family.first?.definition else { return nil }
            parts.append(StackedQueries.Part(query: SharedQuery(queries: queries), isGrouped: first.group))
        }
        guard let first = parts.first, let each = families.first?.first?.definition.each else { return nil }
        guard parts.count > 1 else {
            windows = first.query.windows(each: each).map { SharedWindow(columns: $0) }
            plan = each ? first.query.relationByRelation() : .steps([first.query.plain(grouped: first.isGrouped)])
            return
        }
        let (step, texts) = StackedQueries(parts: parts).step()
        plan = .steps([step])
        windows = parts.enumerated().flatMap { number, part in
            zip(part.query.windows(each: false), part.query.queries).map { columns, query in
                SharedWindow(
                    columns: columns,
                    part: .init(number: number, names: (query.keys + query.values).map(\.name), texts: texts))
            }
        }
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
