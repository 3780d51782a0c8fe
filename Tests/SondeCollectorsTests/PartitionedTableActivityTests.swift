import Sonde
import SondeCollectors
import SondeTesting
import Testing

@Suite("Activity in partitions")
struct PartitionedTableActivityTests {
    /// A partition: the topmost table, the partition, and its scans and inserted rows.
    struct Leaf {
        let root: String
        let leaf: String
        let scans: Int
        let inserted: Int
        var name: String?
    }

    /// The results of a poll that finds these partitions.
    static func poll(_ leaves: [Leaf]) -> [Canned] {
        let names = [
            "root", "schemaname", "relname", "leaf", "seq_scan", "seq_tup_read", "idx_scan", "idx_tup_fetch",
            "n_tup_ins", "n_tup_upd", "n_tup_del", "n_tup_hot_upd", "vacuum_count", "autovacuum_count",
        ]
        let rows: [[String?]] = leaves.map { leaf in
            [
                leaf.root, "app", leaf.name ?? "t\(leaf.root)", leaf.leaf, "\(leaf.scans)", "0", nil, nil,
                "\(leaf.inserted)",
            ]
                + Array(repeating: "0", count: 5)
        }
        return [Canned(names.map { Rows.Column($0) }, rows: rows)]
    }

    /// The totals of inserted rows by table.
    static func inserted(_ page: String) -> [String] {
        let prefix = #"pg_partitioned_table_activity_n_tup_ins_total{schemaname="app",relname=""#
        return page.split(separator: "\n").filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }

    @Test("keeps the contract")
    func contract() {
        let leaves = [
            Leaf(root: "1", leaf: "10", scans: 5, inserted: 50), Leaf(root: "1", leaf: "11", scans: 6, inserted: 60),
        ]
        #expect(Contract.problems(of: PartitionedTableActivity(), on: Self.poll(leaves)) == [])
    }

    @Test("begins at 0, grows by what partitions grew by, and never falls when one is dropped, attached or reset")
    func totals() throws {
        var rehearsal = Rehearsal(PartitionedTableActivity())
        func run(_ leaves: Leaf...) throws -> [String] {
            Self.inserted(try rehearsal.run(Self.poll(leaves)).page)
        }
        let other = Leaf(root: "2", leaf: "20", scans: 0, inserted: 7)
        #expect(
            try run(
                Leaf(root: "1", leaf: "10", scans: 5, inserted: 50),
                Leaf(root: "1", leaf: "11", scans: 6, inserted: 60), other) == [#"t1"} 0"#, #"t2"} 0"#])
        #expect(
            try run(
                Leaf(root: "1", leaf: "10", scans: 5, inserted: 53),
                Leaf(root: "1", leaf: "11", scans: 6, inserted: 64), other) == [#"t1"} 7"#, #"t2"} 0"#])
        // One is dropped, and one is new and was filled since.
        #expect(
            try run(
                Leaf(root: "1", leaf: "11", scans: 6, inserted: 65),
                Leaf(root: "1", leaf: "12", scans: 0, inserted: 10), other) == [#"t1"} 18"#, #"t2"} 0"#])
        // One was reset, and counts what came after that.
        #expect(
            try run(
                Leaf(root: "1", leaf: "11", scans: 6, inserted: 4),
                Leaf(root: "1", leaf: "12", scans: 0, inserted: 10), other) == [#"t1"} 22"#, #"t2"} 0"#])
        // A new name is no new table, and a table that is gone leaves the page.
        #expect(
            try run(
                Leaf(root: "1", leaf: "11", scans: 6, inserted: 5, name: "renamed"),
                Leaf(root: "1", leaf: "12", scans: 0, inserted: 10, name: "renamed")) == [#"renamed"} 23"#])
    }

    @Test(
        "500 have a name, the busiest first; what all others grow by is in `other`, and a name that is free is given anew"
    )
    func limit() throws {
        var rehearsal = Rehearsal(PartitionedTableActivity())
        func run(_ tables: Range<Int>, plus growth: Int) throws -> (count: Int, one: String?, other: String?) {
            let leaves = tables.map { Leaf(root: "\($0)", leaf: "1\($0)", scans: 0, inserted: $0 + growth) }
            let page = try rehearsal.run(Self.poll(leaves)).page
            let value = { (labels: String) in
                page.split(separator: "\n").first {
                    $0.hasPrefix("pg_partitioned_table_activity_n_tup_ins_total{\(labels)}")
                }?.split(separator: " ").last.map(String.init)
            }
            return (
                Self.inserted(page).count, value(#"schemaname="app",relname="t1""#),
                value(#"schemaname="other",relname="other""#)
            )
        }
        #expect(try run(0..<500, plus: 0) == (500, "0", nil))
        rehearsal = Rehearsal(PartitionedTableActivity())
        #expect(try run(0..<502, plus: 0) == (500, nil, "0"))
        #expect(try run(0..<502, plus: 5) == (500, nil, "10"))
        // What it grew by in the poll in which it gets its name is where it was before.
        #expect(try run(0..<501, plus: 6) == (500, "0", "12"))
        #expect(try run(0..<501, plus: 7) == (500, "1", "13"))
    }

    @Test("shows as many by name as the user says, and counts what has none")
    func limited() throws {
        let collector = PartitionedTableActivity()
        let limit = try #require(collector.limit)
        #expect(limit.perServer == 5_000)
        var less = limit
        less.rows = 1
        var rehearsal = Rehearsal(collector.limited(to: less))
        let leaves = (1...3).map { Leaf(root: "\($0)", leaf: "1\($0)", scans: 0, inserted: $0) }
        let run = try rehearsal.run(Self.poll(leaves))
        #expect(Self.inserted(run.page) == [#"t3"} 0"#])
        #expect(run.counts.folded == 2 * collector.metrics.count)
    }
}
