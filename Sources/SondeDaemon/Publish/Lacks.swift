/// What the role may not do, and in which databases: a GRANT holds in one only.
struct Lacks: Sendable, Hashable {
    /// The most needs, and the most databases of each, that are named.
    private static let most = 5

    /// Texts of the form `needs X: GRANT …`.
    private var needs: [String] = []
    /// The databases of each.
    private var databases: [[String]] = []

    init() {}

    /// Makes it of one need in one database.
    ///
    /// Where that is a role's privileges, its GRANT holds in all of them.
    init(_ need: String, in database: String) {
        needs = [need]
        databases = [need.hasPrefix("needs the privileges of ") ? [] : [database]]
    }

    var isEmpty: Bool { needs.isEmpty }

    /// Adds what other databases lack.
    mutating func formUnion(_ other: Lacks) {
        for (need, names) in zip(other.needs, other.databases) {
            guard let index = needs.firstIndex(of: need) else {
                needs.append(need)
                databases.append(names)
                continue
            }
            databases[index] += names.filter { !databases[index].contains($0) }
        }
    }

    /// Each need, with where the GRANT is to be given.
    var texts: [String] {
        zip(needs, databases).map { need, names in
            guard let colon = need.firstRange(of: ": "), !names.isEmpty else { return need }
            return "\(need[..<colon.upperBound])\(Self.place(names)), \(need[colon.upperBound...])"
        }
    }

    /// All of it, in a line.
    var text: String {
        var parts = Array(texts.prefix(Self.most))
        if needs.count > Self.most { parts.append("and \(needs.count - Self.most) more") }
        return parts.joined(separator: "; ")
    }

    private static func place(_ names: [String]) -> String {
        guard names.count > 1 else { return "in database \(names.first ?? "")" }
        let named = names.prefix(most).joined(separator: ", ")
        let rest = names.count - most
        return "in each of the databases \(named)\(rest > 0 ? " and \(rest) more" : "")"
    }
}
