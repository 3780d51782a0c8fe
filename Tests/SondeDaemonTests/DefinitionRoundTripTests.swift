import Sonde
import Testing

@testable import SondeDaemon

@Suite("Definitions to YAML and back")
struct DefinitionRoundTripTests {
    @Test("a definition is written for people")
    func readable() {
        #expect(DefinitionEncoder.text(Self.full) == Self.fullText)
    }

    @Test("a definition with every key reads back as it was")
    func full() throws {
        #expect(try decode(DefinitionEncoder.text(Self.full)) == [Self.full])
    }

    @Test("any definition reads back as it was, byte by byte", arguments: 0..<20)
    func anyDefinition(_ seed: UInt64) throws {
        var random = Random(seed: seed)
        for _ in 0..<20 {
            let definition = random.definition()
            let text = DefinitionEncoder.text(definition)
            let found = try YAMLParser.documents(in: Array(text.utf8), file: "f").count == 1 ? decode(text) : []
            guard found == [definition], bytes(found[0]) == bytes(definition) else {
                Issue.record("not read back: \(text)")
                return
            }
        }
    }

    @Test("any nodes that are written are read as the same nodes", arguments: 0..<20)
    func anyNodes(_ seed: UInt64) throws {
        var random = Random(seed: seed &+ 1_000)
        for _ in 0..<50 {
            let node = random.node(depth: 4)
            let text = YAMLWriter.text(node)
            let found = try YAMLParser.document(in: Array(text.utf8), file: "f")
            guard let found, bytes(found) == bytes(node) else {
                Issue.record("not read back: \(text)")
                return
            }
        }
    }

    /// A definition in which nothing is at its default.
    static let full: Definition = {
        var definition = whole
        definition.mostSeries = 500
        return definition
    }()

    private static let whole = Definition(
        "full", help: "Everything: at once.", prefix: "pg_whole",
        from: [
            13: "pg_stat_all_tables t",
            17: """
            pg_stat_all_tables t
              JOIN pg_class c ON c.oid = t.relid
            WHERE c.relkind = 'r'
            """,
        ],
        columns: [
            .label("schemaname", "t.schemaname"),
            .info("kind", "'table'"),
            .gauge("rows", "t.n_live_tup::float8", other: .max, help: "Rows # of pg_stat_all_tables.n_live_tup."),
            .counter(
                "vacuum_seconds_total", [13: nil, "1.10": "null", 18: "t.total_vacuum_time"], in: .milliseconds,
                help: "null"),
            .untyped("pages", "t.pages", help: "Pages.", metric: "shop_pages"),
            .histogram(
                "age_seconds", bounds: "'{1,2}'::int[]", buckets: "t.counts", sum: "t.total", count: [13: "t.count"],
                in: .minutes, help: "Ages."),
        ],
        per: .database, databases: Databases(exclude: ["shop_test"]), on: .primary,
        axis: .extension("pg_stat_statements"),
        requires: Definition.Requirements(
            extensions: ["postgis", "odd, name"], roles: ["pg_monitor"],
            privileges: ["SELECT ON app.queue", "EXECUTE ON FUNCTION pg_show_all_file_settings()"],
            settings: ["track_commit_timestamp": "on", "lib.max": "any"], relations: ["app.queue"]), cost: .heavy,
        every: .seconds(90), timeout: .milliseconds(1_500), expire: .seconds(3_600), group: true, each: true,
        limit: Limit(rows: 10, perServer: 20, by: ["rows", "pages"], since: [19: "t.stats_reset"], cap: 50),
        enabled: false)

    static let fullText = """
        name: full
        help: 'Everything: at once.'
        prefix: pg_whole
        from:
          13: pg_stat_all_tables t
          17: |-
            pg_stat_all_tables t
              JOIN pg_class c ON c.oid = t.relid
            WHERE c.relkind = 'r'
        columns:
          - label: schemaname
            sql: t.schemaname
          - info: kind
            sql: "'table'"
          - gauge: rows
            sql: t.n_live_tup::float8
            other: max
            help: 'Rows # of pg_stat_all_tables.n_live_tup.'
          - counter: vacuum_seconds_total
            sql:
              1.10: 'null'
              13: null
              18: t.total_vacuum_time
            in: milliseconds
            help: 'null'
          - untyped: pages
            sql: t.pages
            help: Pages.
            metric: shop_pages
          - histogram: age_seconds
            sql: "'{1,2}'::int[]"
            buckets: t.counts
            sum: t.total
            count:
              13: t.count
            in: minutes
            help: Ages.
        per: database
        databases:
          exclude: [shop_test]
        on: primary
        axis: pg_stat_statements
        requires:
          extensions:
            - postgis
            - odd, name
          privileges:
            - pg_monitor
            - SELECT ON app.queue
            - EXECUTE ON FUNCTION pg_show_all_file_settings()
          settings:
            lib.max: any
            track_commit_timestamp: 'on'
          relations:
            - app.queue
        cost: heavy
        every: 1m30s
        timeout: 1s500ms
        expire: 1h
        group: true
        each: true
        limit:
          rows: 10
          per_server: 20
          by: [rows, pages]
          since:
            19: t.stats_reset
          cap: 50
          series: 500
        enabled: false

        """
}

/// The definitions of a text, whose own checks are left out.
private func decode(_ text: String) throws -> [Definition] {
    try DefinitionDecoder.definitions(in: Array(text.utf8), file: "f", checks: false).map(\.definition)
}

/// All that is in a value, to the byte: `==` of strings takes composed and decomposed letters for the same.
private func bytes(_ value: some Any) -> [UInt8] {
    var text = ""
    dump(value, to: &text)
    return Array(text.utf8)
}

private func bytes(_ node: YAMLNode) -> [UInt8] {
    switch node.content {
    case .scalar(let text, let isPlain): Array(isPlain && node.isNull ? "null".utf8 : "\(text.utf8.count):\(text)".utf8)
    case .sequence(let items): Array("[".utf8) + items.flatMap(bytes) + Array("]".utf8)
    case .mapping(let entries):
        Array("{".utf8) + entries.flatMap { bytes($0.key) + bytes($0.value) } + Array("}".utf8)
    }
}

/// Random values that are hard to write.
private struct Random {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func below(_ count: Int) -> Int {
        Int(next() % UInt64(count))
    }

    mutating func coin() -> Bool {
        below(2) == 0
    }

    mutating func pick<Value>(_ values: [Value]) -> Value {
        values[below(values.count)]
    }

    private static let pieces = [
        "", " ", "  ", "\t", "\n", "\n\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{FEFF}", "\u{0}", "\u{7}", "\u{7F}",
        "\u{A0}",
        "\u{FFFE}", "\u{10FFFF}", "\u{1F600}", "e\u{301}", "\u{E9}", "\u{202E}", "a", "b_c", "SELECT", "null", "~",
        "true", "no",
        "1", "1.10", "-1", "0x1", "1e3", ".5", "2001-01-01", "12:30", ":", ": ", " :", "::", "#", " #", "# ", "-", "- ",
        "---",
        "...", "--- ", "?", "? ", ",", "[", "]", "{", "}", "&x", "*", "!", "|", ">", "|-", "'", "''", "\"", "\\", "\\n",
        "%", "@",
        "`", "<<", "=", "count(*) FILTER (WHERE state = 'active')", "{schema}.f", "x AS \"y\"",
    ]

    mutating func text(orEmpty: Bool = true) -> String {
        var text = ""
        for _ in 0..<below(8) { text += pick(Self.pieces) }
        return text.isEmpty && !orEmpty ? "x" : text
    }

    /// A text that can be a name: something, and no control characters.
    mutating func name() -> String {
        let name = String(
            String.UnicodeScalarView(text().unicodeScalars.filter { $0.properties.generalCategory != .control }))
        return name.isEmpty ? "x" : name
    }

    mutating func sql() -> SQL {
        if coin() { return SQL(text()) }
        var eras: [Version: SQL.Era] = [:]
        for _ in 0..<1 + below(4) {
            let version = Version(below(20), below(3) == 0 ? below(12) : 0)
            eras[version] = SQL.Era(since: version, text: below(3) == 0 ? nil : text())
        }
        return SQL(Array(eras.values))
    }

    mutating func duration() -> Duration {
        switch below(3) {
        case 0: .seconds(1 + below(86_400))
        case 1: .milliseconds(1 + below(100_000))
        default: .nanoseconds(1 + below(1 << 50))
        }
    }

    mutating func limit() -> Limit {
        Limit(
            rows: below(1_000), perServer: coin() ? nil : below(9_000), by: (0...below(3)).map { _ in name() },
            since: coin() ? nil : sql(), cap: coin() ? Limit.usualCap : 1 + below(1_000_000))
    }

    mutating func column() -> Column {
        switch pick(Column.Kind.allCases) {
        case .label: .label(name(), sql())
        case .info: .info(name(), sql())
        case .stateset: .stateset(name(), (0...below(3)).map { _ in name() }, sql(), help: text())
        case .gauge:
            .gauge(
                name(), sql(), in: pick(Unit.allCases), other: pick(Fold.allCases), help: text(),
                metric: coin() ? name() : nil)
        case .counter: .counter(name(), sql(), in: pick(Unit.allCases), help: text())
        case .untyped: .untyped(name(), sql(), in: pick(Unit.allCases), help: text())
        case .histogram:
            .histogram(
                name(), bounds: sql(), buckets: sql(), sum: sql(), count: sql(), in: pick(Unit.allCases), help: text())
        }
    }

    mutating func definition() -> Definition {
        var definition = Definition(
            name(), help: text(), prefix: coin() ? name() : nil, from: sql(),
            columns: (0..<below(5)).map { _ in column() },
            per: pick(Scope.allCases),
            databases: Databases(
                include: coin() ? ["*"] : (0...below(3)).map { _ in name() },
                exclude: (0..<below(3)).map { _ in name() }), on: pick(ServerRole.allCases),
            axis: coin() ? .server : .extension(coin() ? name() : "server"),
            requires: Definition.Requirements(
                extensions: (0..<below(3)).map { _ in name() },
                roles: (0..<below(3)).map { _ in name().replacing(" ", with: "_") },
                privileges: (0..<below(3)).map { _ in Privilege("SELECT ON \(name())") },
                settings: coin() ? [:] : [name(): text()], relations: (0..<below(3)).map { _ in name() }),
            cost: pick(Cost.allCases), every: coin() ? max(duration(), .milliseconds(100)) : nil,
            timeout: coin() ? duration() : nil,
            expire: coin() ? duration() : nil, group: coin(), each: coin(),
            limit: coin() ? nil : limit(), enabled: coin())
        definition.mostSeries = coin() ? nil : 1 + below(1_000_000)
        return definition
    }

    mutating func node(depth: Int) -> YAMLNode {
        switch depth == 0 ? 0 : below(4) {
        case 0, 1: return below(8) == 0 ? .plain("null") : .text(text())
        case 2: return YAMLNode(content: .sequence((0..<below(4)).map { _ in node(depth: depth - 1) }))
        default:
            var keys: Set<String> = []
            var entries: [YAMLNode.Entry] = []
            for _ in 0..<below(4) {
                let key = text()
                guard keys.insert(key).inserted else { continue }
                entries.append(YAMLNode.Entry(key: .text(key), value: node(depth: depth - 1)))
            }
            return YAMLNode(content: .mapping(entries))
        }
    }
}
