package import Sonde

/// The counters of a table's partitions, added up: in code, since the sum of what is there now falls when a partition is dropped.
///
/// What each partition's counters grew by since the poll before is added to a total that begins at 0 with the daemon, so that rates are
/// right whatever comes and goes. A counter that fell was reset and counts whole, as does a partition that was not there before: one that
/// is attached brings what was counted in it until then. As many tables as the limit allows have a name, the busiest when names were
/// given; all others are one row whose labels are `other`.
package struct PartitionedTableActivity: Collector {
    package let name = "partitioned_table_activity"
    package let help = "Activity in all partitions of a table since the daemon started (pg_stat_user_tables)"
    package let cost = Cost.medium
    package let per = Scope.database
    package private(set) var limit: Limit? = .relations(by: [])

    /// A column of the statement and the family that it is added up to.
    private struct Counter {
        let column: String
        let sql: String
        let help: String

        var metric: Metric {
            Metric(
                "pg_partitioned_table_activity_\(column)_total", .counter,
                help: "\(help) in all partitions since the daemon started (pg_stat_user_tables.\(column))",
                labels: ["schemaname", "relname"])
        }
    }

    private static let counters = [
        Counter(column: "seq_scan", sql: "pg_stat_get_numscans(l.oid)", help: "Sequential scans begun"),
        Counter(column: "seq_tup_read", sql: "pg_stat_get_tuples_returned(l.oid)", help: "Live rows read by those"),
        Counter(column: "idx_scan", sql: "x.scans", help: "Index scans begun"),
        Counter(
            column: "idx_tup_fetch", sql: "x.fetched + pg_stat_get_tuples_fetched(l.oid)",
            help: "Live rows fetched by index scans"),
        Counter(column: "n_tup_ins", sql: "pg_stat_get_tuples_inserted(l.oid)", help: "Rows inserted"),
        Counter(column: "n_tup_upd", sql: "pg_stat_get_tuples_updated(l.oid)", help: "Rows updated"),
        Counter(column: "n_tup_del", sql: "pg_stat_get_tuples_deleted(l.oid)", help: "Rows deleted"),
        Counter(
            column: "n_tup_hot_upd", sql: "pg_stat_get_tuples_hot_updated(l.oid)",
            help: "Rows updated without new index entries"),
        Counter(column: "vacuum_count", sql: "pg_stat_get_vacuum_count(l.oid)", help: "Vacuums by hand"),
        Counter(column: "autovacuum_count", sql: "pg_stat_get_autovacuum_count(l.oid)", help: "Vacuums by autovacuum"),
    ]

    /// Makes the collector.
    package init() {}

    package var metrics: [Metric] {
        Self.counters.map(\.metric)
    }

    package func plan(for facts: Facts, without refused: Set<String>) -> Plan {
        let columns = Self.counters.map { "\($0.sql) AS \($0.column)" }.joined(separator: ", ")
        return .steps([
            Step(
                """
                SELECT t.root::text AS root, n.nspname AS schemaname, r.relname, l.oid::text AS leaf, \(columns)
                FROM (\(PartitionTree.sql)) AS t
                JOIN pg_class AS r ON r.oid = t.root JOIN pg_namespace AS n ON n.oid = r.relnamespace
                JOIN pg_class AS l ON l.oid = t.relid AND l.relkind = 'r'
                LEFT JOIN (SELECT indrelid, sum(pg_stat_get_numscans(indexrelid)) AS scans,
                sum(pg_stat_get_tuples_fetched(indexrelid)) AS fetched FROM pg_index GROUP BY 1) AS x ON x.indrelid = l.oid
                """)
        ])
    }

    package func limited(to limit: Limit) -> Self {
        var limited = self
        limited.limit = limit
        return limited
    }

    package func makeReader(for timing: Timing) -> any Reader {
        TotalsReader(most: limit?.rows ?? .max)
    }

    private struct TotalsReader: Reader {
        /// A partitioned table and what its partitions' counters grew by.
        private struct Root {
            let labels: [(name: String, value: String)]
            var totals: [Double]
            /// Since the poll before.
            var growth: [Double]
            /// What its partitions' counters are now, together.
            var weight = 0.0
        }

        /// The most tables that are shown by name.
        let most: Int
        private var roots: [String: Root] = [:]
        /// The tables that are shown by name, for as long as they are there.
        private var named: Set<String> = []
        /// What all others grew by; nil as long as there was none.
        private var others: [Double]?
        /// The partitions' counters at the poll before; nil before the first.
        private var leaves: [String: [Double]]?

        init(most: Int) {
            self.most = most
        }

        mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) {
            samples.count(rows: rows.count)
            var nextRoots: [String: Root] = [:]
            var nextLeaves: [String: [Double]] = [:]
            let nothing = [Double](repeating: 0, count: counters.count)
            for row in 0..<rows.count {
                guard let key = rows.text(row, "root"), let leaf = rows.text(row, "leaf") else { continue }
                let values = counters.map { rows.number(row, $0.column) ?? 0 }
                let before = leaves.map { $0[leaf] ?? nothing } ?? values
                var root =
                    nextRoots[key]
                    ?? Root(
                        labels: ["schemaname", "relname"].map { (name: $0, value: rows.text(row, $0) ?? "") },
                        totals: roots[key]?.totals ?? nothing, growth: nothing)
                for index in values.indices {
                    let grown = values[index] - before[index]
                    root.growth[index] += grown < 0 ? values[index] : grown
                    root.weight += values[index]
                }
                nextRoots[key] = root
                nextLeaves[leaf] = values
            }
            settle(&nextRoots, naming: samples.places(for: min(most, nextRoots.count)))
            samples.count(folded: (nextRoots.count - named.count) * counters.count)
            (roots, leaves) = (nextRoots, nextLeaves)
            let shown = named.compactMap { nextRoots[$0] }.sorted {
                $0.labels.map(\.value).lexicographicallyPrecedes($1.labels.map(\.value))
            }
            let other = ["schemaname", "relname"].map { (name: $0, value: "other") }
            for (index, counter) in counters.enumerated() {
                let name = counter.metric.name
                for root in shown { samples.add(root.totals[index], to: name, labels: root.labels) }
                if let others { samples.add(others[index], to: name, labels: other) }
            }
        }

        /// Gives names that are free to the busiest, and adds each table's growth to its own totals or to those of the others.
        private mutating func settle(_ found: inout [String: Root], naming most: Int) {
            func busiest(_ wanted: (String) -> Bool) -> [String] {
                found.filter { wanted($0.key) }.sorted { ($1.value.weight, $0.key) < ($0.value.weight, $1.key) }.map(
                    \.key)
            }
            named = named.filter { found[$0] != nil }
            // Other databases may need some of what this one had.
            if named.count > most { named = Set(busiest(named.contains).prefix(most)) }
            let begun = Set(busiest { !named.contains($0) }.prefix(most - named.count))
            for (key, var root) in found {
                // What one that was among the others has grown by is in theirs.
                if named.contains(key) || begun.contains(key) && roots[key] == nil {
                    root.totals = zip(root.totals, root.growth).map(+)
                } else {
                    others = zip(others ?? root.growth.map { _ in 0 }, root.growth).map(+)
                }
                found[key] = root
            }
            named.formUnion(begun)
        }
    }
}
