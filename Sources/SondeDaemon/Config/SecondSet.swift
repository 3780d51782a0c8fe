import Sonde

/// What the daemon has to know of the second name set, beside its collectors.
struct SecondSet: Sendable {
    /// A collector as postgres_exporter's flags and its own metrics know it.
    struct Member: Sendable {
        let name: String
        /// What it is made of, by their places in the registry.
        let collectors: [Int]
        /// The server's version before which it has nothing to do.
        var since: Version?
    }

    /// Whether the set is in force.
    var isShown = false
    /// Whether the canonical set is in force too.
    var isBeside = false
    var members: [Member] = []
    /// Collectors whose samples carry the server's name and the constant labels however many servers there are.
    var labelled: Set<Int> = []
    /// Collectors that run per database, but see only the one that is connected to first.
    var homeOnly: Set<Int> = []
    /// Labels of what is there whether its collectors are on or off.
    var constantLabels: [(name: String, value: String)] = []
}
