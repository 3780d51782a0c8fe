/// The samples of one run of a collector, as finished text.
///
/// Each sample is written once, as the bytes that a scrape will send; see ``add(_:to:labels:)`` for collectors in code.
public struct Samples: ~Copyable {
    /// What one run gave, beside the text.
    public struct Counts: Sendable, Hashable {
        /// Rows that came from the server.
        public var rows = 0
        /// Samples written.
        public var series = 0
        /// Label sets left out because the same one was there already.
        public var duplicates = 0
        /// Cells and samples left out because they could not be read, or were not declared.
        public var unreadable = 0
        /// Of those, the rows whose histogram was left out: its bounds or buckets make none.
        public var badHistograms = 0
        /// Of those, the rows whose state is none of those that were declared.
        public var unknownStates = 0
        /// Relations left out because they were locked, with or without an earlier value to show.
        public var locked = 0
        /// Values that a limit left without a name and that are part of `other`.
        public var folded = 0
        /// Values that a limit left without a name and that are shown nowhere.
        public var dropped = 0
        /// Results that had more rows than are read.
        public var truncated = 0

        /// Makes counts of nothing.
        public init() {}
    }

    /// A stretch of the text that belongs to one family.
    private struct Chunk {
        let start: Int
        var end: Int
        /// The index of the family's next chunk; -1 for the last.
        var next = -1
    }

    /// Where a family's text begins and ends, as indices of chunks.
    private struct Family {
        var size = 0
        var first = -1
        var last = -1
    }

    /// Labels that samples may have without their metric's declaring them.
    private static let common = ["server", "datname"]
    /// More names than a metric can have.
    private static let mostNames = 4

    /// The families that may be added to.
    public private(set) var metrics: [Metric]
    /// What has been counted so far.
    public internal(set) var counts = Counts()
    /// The labels that every sample begins with, rendered, without braces: `server="a",datname="b"`.
    let fixed: [UInt8]
    private let fixedNames: [String]
    private let share: (places: Places, owner: String)?
    var text = Bump(capacity: 4_096)
    var sets = LabelSets()
    private var chunks: [Chunk] = []
    private var families: [Family]
    /// Where samples of a name belong.
    private struct Address {
        /// -1 where no sample may have the name.
        let metric: Int
        /// Which of the metric's names it is.
        let part: Int
        /// The label that samples of this name have beside those that the metric declares.
        let partLabel: String?
    }

    /// By name, for collectors in code; made when the first sample is added.
    private var addresses: [String: Address] = [:]

    /// Makes an empty set of samples.
    ///
    /// - Parameters:
    ///   - metrics: the families that may be added to.
    ///   - labels: the labels that every sample begins with.
    public init(metrics: [Metric], labels: [(name: String, value: String)] = []) {
        self.init(metrics: metrics, labels: labels, share: nil)
    }

    /// Makes an empty set of samples of a database, which shares the places of a limit with the others of its server.
    package init(
        metrics: [Metric], labels: [(name: String, value: String)] = [], share: (places: Places, owner: String)?
    ) {
        self.metrics = metrics
        families = Array(repeating: Family(), count: metrics.count)
        var rendered = Bump(capacity: 256)
        for (index, label) in labels.enumerated() {
            if index > 0 { rendered.append(UInt8(ascii: ",")) }
            Label.write(label.name, label.value, to: &rendered)
        }
        fixed = rendered.bytes
        fixedNames = labels.map(\.name)
        self.share = share
    }

    // Not empty for nothing: another module's optimized code assigns over a value of this type without destroying the old one, whose
    // parts have deinitializers, unless the type has one itself (Swift 6.3).
    deinit {}

    /// Adds a sample.
    ///
    /// The labels are written in the order in which the metric declares them; one that is not given is empty, which to Prometheus
    /// is the same as absent. Before them come `server` and `datname`, which no metric declares, if they are given. A label set that its family has already is left out and counted. A sample of a family, or with a
    /// label, that was not declared is left out and counted as unreadable. The buckets of a histogram are added one by one, as
    /// `name_bucket` with the label `le`, and then `name_sum` and `name_count`.
    ///
    /// - Parameters:
    ///   - value: the value, in the metric's base unit.
    ///   - name: the full name of one of ``metrics``; one of ``Metric/sampleNames`` for those that have several.
    ///   - labels: the sample's own labels, in any order.
    public mutating func add(_ value: Double, to name: String, labels: [(name: String, value: String)] = []) {
        findAddresses()
        guard let address = addresses[name], address.metric >= 0 else { return skip() }
        var declared = metrics[address.metric].labels
        if let part = address.partLabel {
            guard labels.contains(where: { $0.name == part }) else { return skip() }
            declared.append(part)
        }
        guard writeSet(labels, declared: declared) else {
            sets.abandon()
            return skip()
        }
        guard let set = sets.end(of: address.metric * Self.mostNames + address.part + 1) else {
            counts.duplicates += 1
            return
        }
        let start = text.count
        text.append(name)
        text.need(set.count + Number.room + 1)
        unsafe text.put(sets.arena.base + set.start, set.count)
        unsafe Number.put(value, to: &text)
        text.append(UInt8(ascii: "\n"))
        counts.series += 1
        close(address.metric, from: start)
    }

    /// Adds a family that was not known before the server was asked; of a name that is there already, the first stays.
    ///
    /// Its name begins with one of the collector's ``Collector/prefixes``, or it is left out of the page.
    public mutating func declare(_ metric: Metric) {
        findAddresses()
        guard !metric.names.contains(where: { addresses[$0] != nil }) else { return }
        put(metric, at: metrics.count)
        metrics.append(metric)
        families.append(Family())
    }

    private mutating func findAddresses() {
        guard addresses.isEmpty else { return }
        for (index, metric) in metrics.enumerated() { put(metric, at: index) }
    }

    private mutating func put(_ metric: Metric, at index: Int) {
        addresses[metric.name] = Address(metric: -1, part: 0, partLabel: nil)
        for (part, name) in metric.sampleNames.enumerated() {
            addresses[name] = Address(metric: index, part: part, partLabel: part == 0 ? metric.partLabel : nil)
        }
    }

    /// Begins a label set; says whether each of the labels found its place in it.
    private mutating func writeSet(_ labels: [(name: String, value: String)], declared: [String]) -> Bool {
        sets.begin(fixed)
        var found = 0
        for name in Self.common where !fixedNames.contains(name) && !declared.contains(name) {
            guard let label = labels.first(where: { $0.name == name }) else { continue }
            sets.add(name, label.value)
            found += 1
        }
        for name in declared {
            let label = labels.first { $0.name == name }
            sets.add(name, label?.value ?? "")
            if label != nil { found += 1 }
        }
        // A label that is given twice, or was not declared, is not among those found.
        return found == labels.count
    }

    /// How many rows may be shown by name, where all databases of a server share a limit.
    ///
    /// - Parameter wanted: as many as there are, or as the collector's own limit allows.
    /// - Returns: as many, or less.
    public func places(for wanted: Int) -> Int {
        share.map { $0.places.claim(wanted, for: $0.owner) } ?? wanted
    }

    /// Counts the rows of a result, which ``Counts/rows`` shows.
    public mutating func count(rows: Int) {
        counts.rows += rows
    }

    /// Counts values without a name that are part of `other`, which ``Counts/folded`` shows.
    public mutating func count(folded: Int) {
        counts.folded += folded
    }

    /// Counts a value that could not be read.
    public mutating func skip() {
        counts.unreadable += 1
    }

    /// Empties it for another run of the same collector.
    ///
    /// - Parameter limit: the most bytes of memory of each kind that are kept; 256 kB by default.
    public mutating func reset(keeping limit: Int = 1 << 18) {
        text.clear(keeping: limit)
        sets.clear(keeping: limit)
        chunks.removeAll(keepingCapacity: chunks.capacity * MemoryLayout<Chunk>.stride <= limit)
        for index in families.indices { families[index] = Family() }
        counts = Counts()
    }

    /// The index of a family, which is probably `hint`.
    func index(of name: String, near hint: Int) -> Int? {
        if metrics.indices.contains(hint), metrics[hint].name == name { return hint }
        return metrics.firstIndex { $0.name == name }
    }

    /// Says that the text since `start` belongs to a family.
    mutating func close(_ metric: Int, from start: Int) {
        guard text.count > start else { return }
        families[metric].size += text.count - start
        let last = families[metric].last
        if last >= 0, chunks[last].end == start {
            chunks[last].end = text.count
            return
        }
        chunks.append(Chunk(start: start, end: text.count))
        if last >= 0 { chunks[last].next = chunks.count - 1 } else { families[metric].first = chunks.count - 1 }
        families[metric].last = chunks.count - 1
    }

    /// The number of bytes of a family's text.
    package func size(of metric: Int) -> Int {
        families[metric].size
    }

    /// Hands over a family's text, piece by piece and in order.
    package func withText(of metric: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        var next = families[metric].first
        while next >= 0 {
            let chunk = chunks[next]
            unsafe body(UnsafeRawBufferPointer(start: text.base + chunk.start, count: chunk.end - chunk.start))
            next = chunk.next
        }
    }

    /// A family's text as a string, for tests and for the command line.
    ///
    /// - Parameter metric: the family's index in ``metrics``.
    /// - Returns: the family's lines without its header; empty where there is no such family.
    public func string(of metric: Int) -> String {
        guard families.indices.contains(metric) else { return "" }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size(of: metric))
        unsafe withText(of: metric) { unsafe bytes.append(contentsOf: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
