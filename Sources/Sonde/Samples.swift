/// The samples of one run of a collector, as finished text.
///
/// Each sample is written once, as the bytes that a scrape will send; see ``add(_:_:labels:)`` for collectors in code.
public struct Samples: ~Copyable {
    /// What one run gave, beside the text.
    public struct Counts: Sendable, Hashable {
        /// Rows that came from the server.
        public var rows = 0
        /// Samples written.
        public var series = 0
        /// Label sets left out because the same one was there already.
        public var duplicates = 0
        /// Cells left out because they could not be read as numbers.
        public var unreadable = 0
        /// Relations left out because they were locked, with or without an earlier value to show.
        public var locked = 0

        /// Makes counts of nothing.
        public init() {}
    }

    private struct Chunk {
        let metric: Int
        let start: Int
        var end: Int
    }

    /// The families that may be added to.
    public let metrics: [Metric]
    /// What has been counted so far.
    public internal(set) var counts = Counts()
    /// The labels that every sample begins with, rendered, without braces: `server="a",datname="b"`.
    let fixed: [UInt8]
    var text = Bump(capacity: 16_384)
    var sets = LabelSets()
    private var chunks: [Chunk] = []

    /// Makes an empty set of samples.
    ///
    /// - Parameters:
    ///   - metrics: the families that may be added to.
    ///   - labels: the labels that every sample begins with.
    public init(metrics: [Metric], labels: [(name: String, value: String)] = []) {
        self.metrics = metrics
        var rendered = Bump(capacity: 256)
        for (index, label) in labels.enumerated() {
            if index > 0 { rendered.append(UInt8(ascii: ",")) }
            Label.write(label.name, label.value, to: &rendered)
        }
        fixed = Array(rendered.string.utf8)
    }

    /// Adds a sample.
    ///
    /// A label set that its family has already is left out and counted; so is a family that was not declared.
    ///
    /// - Parameters:
    ///   - value: the value, in the metric's base unit.
    ///   - name: the full name of one of ``metrics``.
    ///   - labels: the sample's own labels, in an order that is always the same.
    public mutating func add(_ value: Double, to name: String, labels: [(name: String, value: String)] = []) {
        guard let metric = metrics.firstIndex(where: { $0.name == name }) else { return skip() }
        sets.begin()
        sets.arena.append(fixed)
        for (index, label) in labels.enumerated() {
            if index > 0 || !fixed.isEmpty { sets.arena.append(UInt8(ascii: ",")) }
            Label.write(label.name, label.value, to: &sets.arena)
        }
        guard let place = sets.end(seed: metric + 1) else {
            counts.duplicates += 1
            return
        }
        let start = text.count
        text.append(name)
        text.need(place.count + 3)
        if place.count > 0 {
            unsafe text.put(UInt8(ascii: "{"))
            unsafe text.put(sets.arena.base + place.start, place.count)
            unsafe text.put(UInt8(ascii: "}"))
        }
        unsafe text.put(UInt8(ascii: " "))
        Number.write(value, to: &text)
        text.append(UInt8(ascii: "\n"))
        counts.series += 1
        close(metric, from: start)
    }

    /// Counts a value that could not be read.
    public mutating func skip() {
        counts.unreadable += 1
    }

    /// Says that the text since `start` belongs to a family.
    mutating func close(_ metric: Int, from start: Int) {
        guard text.count > start else { return }
        if let last = chunks.indices.last, chunks[last].metric == metric, chunks[last].end == start {
            chunks[last].end = text.count
        } else {
            chunks.append(Chunk(metric: metric, start: start, end: text.count))
        }
    }

    /// Forgets everything, keeps the memory up to a bound.
    mutating func clear() {
        text.clear(keeping: 4 << 20)
        sets.clear()
        chunks.removeAll(keepingCapacity: true)
        counts = Counts()
    }

    /// The number of bytes of a family's text.
    package func size(of metric: Int) -> Int {
        chunks.reduce(0) { $0 + ($1.metric == metric ? $1.end - $1.start : 0) }
    }

    /// Hands over a family's text, piece by piece and in order.
    package func withText(of metric: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        for chunk in chunks where chunk.metric == metric {
            unsafe body(UnsafeRawBufferPointer(start: text.base + chunk.start, count: chunk.end - chunk.start))
        }
    }

    /// A family's text as a string, for tests and for the command line.
    public func string(of metric: Int) -> String {
        var bytes: [UInt8] = []
        withText(of: metric) { unsafe bytes.append(contentsOf: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
