import Sonde

/// The JSON Schema of the files of `collectors_dir`, by which editors complete and check them.
///
/// What no schema can say is for the daemon to find: clashes of names, columns of one name twice, the columns that a limit ranks by,
/// whether bounds ascend, SQL, durations that are too long, whole numbers and truths in other spellings (`5.0`, `True`), and what YAML has beyond
/// its values: keys that are there twice, anchors, merges and tags, files without a document.
enum CollectorSchema {
    private typealias Member = (name: String, value: JSON)

    /// The schema.
    static var document: String {
        JSON.object([
            ("$schema", "http://json-schema.org/draft-07/schema#"),
            ("title", "Collectors of pgsonde"),
            ("description", "A file of collectors_dir: one definition, or a list of them."),
            ("if", .object([("type", "array")])),
            ("then", .object([("minItems", 1), ("items", reference("collector"))])),
            ("else", reference("collector")),
            (
                "definitions",
                .object([
                    ("collector", either("exec", then: reference("exec"), else: reference("definition"))),
                    ("definition", definition), ("exec", exec), ("column", column), ("text", text), ("word", word),
                    ("sqlText", sqlText), ("sql", sql), ("texts", oneOrMore(reference("word"))), ("duration", duration),
                ])
            ),
        ]).document
    }

    // MARK: - What there is

    private static var definition: JSON {
        let conditions: [JSON] = [
            either(
                "query", then: forbidding(["from", "group", "each", "limit"]),
                else: .object([
                    ("required", .list(["from"])),
                    (
                        "properties",
                        .object([("columns", .object([("items", .object([("required", .list(["sql"]))]))]))])
                    ),
                ])),
            .object([
                ("if", required(["limit"])),
                (
                    "then",
                    .object([
                        (
                            "properties",
                            .object([
                                ("columns", .object([("contains", required([Column.Kind.label.rawValue]))]))
                            ])
                        )
                    ])
                ),
            ]),
            .object([
                (
                    "not",
                    .object([
                        ("required", .list(["group", "each"])),
                        ("properties", .object([("group", constant(true)), ("each", constant(true))])),
                    ])
                )
            ]),
            .object([
                (
                    "if",
                    .object([
                        ("required", .list(["kind"])),
                        ("properties", .object([("kind", constant(.text(ServerKind.pgbouncer.rawValue)))])),
                    ])
                ),
                ("then", .object([("required", .list(["query"]))])),
            ]),
        ]
        return mapping(
            DefinitionDecoder.keys, required: ["name", "help", "columns"], conditions: conditions,
            described: [
                ("name", "What the collector is called: lower-case letters, digits and _.", name),
                ("help", "One sentence: what it shows, and where that comes from.", reference("text")),
                ("prefix", "What the names of its metrics begin with; by default pg_ and the name.", prefix),
                (
                    "from", "What stands after FROM: tables, joins, WHERE. Write the schema of what is yours.",
                    reference("sql")
                ),
                ("query", "A whole statement in place of from; columns are found by name.", reference("sql")),
                (
                    "search_path", "Schemas in which names without one are looked up after pg_catalog; or default.",
                    reference("word")
                ),
                (
                    "columns", "Labels and metrics.",
                    .object([
                        ("type", "array"), ("minItems", 1), ("items", reference("column")),
                        (
                            "contains",
                            anyOf(Column.Kind.allCases.filter { $0 != .label }.map(\.rawValue))
                        ),
                    ])
                ),
                ("kind", "What it asks.", choice(ServerKind.self)),
                (
                    "per",
                    "Where it runs: once per server, in every database, or once in any that has what it requires.",
                    choice(Scope.self)
                ),
                (
                    "databases", "Which of every database, by patterns: * for any text, ? for one character.",
                    mapping(
                        DatabasesDecoder.keys,
                        described: [
                            ("include", "The databases that it runs in; by default all.", reference("texts")),
                            ("exclude", "Those of them that are left out.", reference("texts")),
                        ])
                ),
                ("on", "The servers that it makes sense on.", choice(ServerRole.self)),
                (
                    "axis", "What the versions are versions of: server, or an extension by its name.",
                    .object([
                        (
                            "anyOf",
                            .list([
                                reference("word"),
                                mapping(
                                    ["extension"], required: ["extension"],
                                    described: [("extension", "Its name.", reference("word"))]),
                            ])
                        )
                    ])
                ),
                (
                    "requires", "What must be there; where it is not, the collector is unavailable.",
                    mapping(
                        DefinitionDecoder.requiresKeys,
                        described: [
                            ("extensions", "Extensions of the database.", reference("texts")),
                            (
                                "privileges",
                                "What the role must have been granted, as GRANT has it: pg_monitor, SELECT ON a.b.",
                                oneOrMore(privilege)
                            ),
                            (
                                "settings", "Settings and their values, or any.",
                                .object([("type", "object"), ("additionalProperties", reference("text"))])
                            ),
                            (
                                "relations", "Relations that the database must have, with their schemas.",
                                oneOrMore(relation)
                            ),
                        ])
                ),
                (
                    "cost", "light: every 15s, 2s at most. medium: 1m, 5s. heavy: 10m, 30s, apart from the others.",
                    choice(Cost.self)
                ),
                ("every", "The time from one run to the next.", reference("duration")),
                ("timeout", "The time that the query may take.", reference("duration")),
                (
                    "expire", "The age at which its numbers leave the page; by default three times every.",
                    reference("duration")
                ),
                ("group", "Whether rows are grouped by the labels; gauges and counters are aggregates then.", truth),
                ("each", "Whether it goes relation by relation, so that a locked table costs only itself.", truth),
                (
                    "limit", "How many rows are shown by name; the rest is one more row, other.",
                    mapping(
                        DefinitionDecoder.limitKeys,
                        conditions: [.object([("anyOf", .list([required(["rows", "by"]), onlySeries]))])],
                        described: [
                            ("rows", "The most rows by name.", integer(from: 0)),
                            ("per_server", "The most rows by name of all databases together.", integer(from: 0)),
                            ("by", "The gauge or counter that ranks the rows, or a list.", reference("texts")),
                            ("since", "Since when a row has counted.", reference("sql")),
                            ("cap", "The most rows that are read at all.", integer(from: 1)),
                            (
                                "series", "The most series of a run; without rows, 10000.",
                                integer(from: 1, to: 1_000_000)
                            ),
                        ])
                ),
                ("enabled", "Whether it runs unless the configuration says otherwise.", truth),
            ])
    }

    private static var onlySeries: JSON {
        .object([
            ("required", .list(["series"])), ("not", anyOf(DefinitionDecoder.limitKeys.filter { $0 != "series" })),
        ])
    }

    private static var column: JSON {
        let kinds = Column.Kind.allCases
        let metrics = kinds.filter(\.isMetric).map(\.rawValue)
        let isMetric = JSON.object([("anyOf", .list(metrics.map { required([$0]) }))])
        let parts = DefinitionDecoder.histogramKeys
        let conditions: [JSON] = [
            .object([("oneOf", .list(kinds.map { required([$0.rawValue]) }))]),
            .object([("if", isMetric), ("then", required(["help"])), ("else", forbidding(["in", "metric"]))]),
            either(
                Column.Kind.histogram.rawValue,
                then: .object([
                    (
                        "oneOf",
                        .list([
                            .object([("required", .list(["bounds"])), ("not", anyOf(parts))]),
                            .object([("required", .list(parts.map { .text($0) })), ("not", anyOf(["bounds"]))]),
                        ])
                    )
                ]), else: forbidding(parts + ["bounds"])),
            either(Column.Kind.stateset.rawValue, then: required(["states"]), else: forbidding(["states"])),
            .object([("anyOf", .list([required([Column.Kind.gauge.rawValue]), forbidding(["other"])]))]),
        ]
        let described = kinds.map { kind in
            (kind.rawValue, describe(kind), kind == .label || kind == .info || kind == .stateset ? label : metric)
        }
        return mapping(
            DefinitionDecoder.columnKeys, conditions: conditions,
            described: described + [
                (
                    "sql", "The expression, as a text or by version; with query, the name of the query's column.",
                    reference("sql")
                ),
                (
                    "bounds", "Upper bounds of a histogram of what sql is now in the rows of each group.",
                    oneOrMore(.object([("type", "number")]))
                ),
                (
                    "buckets",
                    "Of a histogram without bounds: an array of how many were at most as large as each bound.",
                    reference("sql")
                ),
                ("sum", "Of a histogram without bounds: the sum of all.", reference("sql")),
                ("count", "Of a histogram without bounds: how many there were.", reference("sql")),
                ("states", "Of a state set: the states that there are.", reference("texts")),
                ("in", "The unit that the expression counts in; the page shows the base unit.", choice(Unit.self)),
                (
                    "other", "What becomes of a gauge's values in rows that a limit leaves without a name.",
                    choice(Fold.self)
                ),
                ("help", "One sentence that names view and column.", said),
                ("metric", "The whole name of the metric, where it is not prefix_name.", wholeName),
            ])
    }

    private static func describe(_ kind: Column.Kind) -> String {
        switch kind {
        case .label: "A label of every metric; NULL is the empty text."
        case .gauge: "A number that goes up and down; NULL is no sample."
        case .counter: "A number that only grows; its name ends in _total."
        case .untyped: "A number of which nobody says how it behaves."
        case .histogram: "Counts of how often a number was how large."
        case .info: "A label of one more metric, prefix_info, which is always 1."
        case .stateset: "Which of several states something is in."
        }
    }

    private static var exec: JSON {
        let words = ExecDecoder.reserved.map { $0.dropLast() }.joined(separator: "|")
        let prefix = JSON.object([
            ("type", "string"),
            ("pattern", .text("^(?!(\(words))(_|$))([A-Za-z:]|[A-Za-z_:][A-Za-z0-9_:]*[A-Za-z0-9:])$")),
        ])
        return mapping(
            ExecDecoder.keys, required: ["name", "help", "exec"],
            described: [
                ("name", "What the collector is called: lower-case letters, digits and _.", name),
                ("help", "One sentence: what it shows, and where that comes from.", reference("text")),
                ("exec", "A program that prints metrics, and its arguments; no shell reads them.", reference("texts")),
                ("prefix", "What the names of all its families begin with; by default pg_ and the name.", prefix),
                ("environment", "Variables that the command has beside those that all have.", texts(named: label)),
                ("labels", "Labels that every sample gets.", texts(named: sampleLabel)),
                (
                    "cost", "light: every 15s, 2s at most. medium, the default: 1m, 5s. heavy: 10m, 30s.",
                    choice(Cost.self)
                ),
                ("every", "The time from one run to the next.", reference("duration")),
                ("timeout", "The time that the command may take.", reference("duration")),
                (
                    "expire", "The age at which its numbers leave the page; by default three times every.",
                    reference("duration")
                ),
                (
                    "limit", "What it may print at the most.",
                    mapping(
                        ExecDecoder.limitKeys,
                        described: ExecDecoder.limits.map {
                            ($0.key, "The most \($0.key).", integer(from: 1, to: $0.most))
                        })
                ),
                ("enabled", "Whether it runs unless the configuration says otherwise.", truth),
            ])
    }

    // MARK: - Kinds of values

    /// A scalar: what is read as a text may look like a number or a truth to YAML.
    private static let text = JSON.object([("type", .list(["string", "number", "boolean"]))])
    /// A text that says something and has no control characters.
    private static let word = scalar(matching: #"^[^\u0000-\u001f\u007f-\u009f]+$"#)
    /// A text that is not empty.
    private static let said = JSON.object([("type", .list(["string", "number", "boolean"])), ("minLength", 1)])
    private static let sqlText = scalar(matching: #"[^ \t\n\u000b\f\r]"#)
    private static let identifier = #"([A-Za-z_][A-Za-z0-9_]*|"[^"'\\]+")"#
    private static let object = #"\#(identifier)(\.\#(identifier))?"#
    private static let relation = scalar(matching: "^\(object)$")
    /// A role, or a privilege; which types a function takes is for the daemon to read.
    private static let privilege: JSON = {
        let word = { (word: String) in word.map { "[\($0)\($0.lowercased())]" }.joined() }
        let select =
            "\(word("SELECT")) +\(word("ON")) +(\(word("ALL")) +\(word("SEQUENCES"))|(\(word("TABLE")) +)?\(object))"
        let execute = #"\#(word("EXECUTE")) +\#(word("ON")) +\#(word("FUNCTION")) +\#(object)\([^()]*\)"#
        let usage = "\(word("USAGE")) +\(word("ON")) +\(word("SCHEMA")) +\(identifier)"
        return scalar(matching: "^([^ ]+|\(select)|\(execute)|\(usage))$")
    }()
    private static let sql = JSON.object([
        (
            "anyOf",
            .list([
                reference("sqlText"),
                .object([
                    ("type", "object"), ("minProperties", 1),
                    ("propertyNames", .object([("pattern", #"^[0-9]{1,9}(\.[0-9]{1,9})?$"#)])),
                    (
                        "additionalProperties",
                        .object([("anyOf", .list([reference("sqlText"), .object([("type", "null")])]))])
                    ),
                ]),
            ])
        )
    ])
    private static let duration = JSON.object([
        ("type", "string"),
        ("pattern", #"^(?=.*[1-9])([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?([0-9]+us)?([0-9]+ns)?$"#),
    ])
    private static let name = JSON.object([("type", "string"), ("pattern", "^[a-z0-9_]+$")])
    private static let metric = JSON.object([("type", "string"), ("pattern", "^[A-Za-z0-9_:]+$")])
    private static let prefix = JSON.object([
        ("type", "string"),
        ("pattern", "^(?!(pgsonde|process|pg_exporter|pg_scrape_collector)(_|$))[A-Za-z_:][A-Za-z0-9_:]*$"),
    ])
    /// The whole name of a metric, which is none of pgsonde's own.
    private static let wholeName = JSON.object([
        ("type", "string"),
        (
            "pattern",
            "^(?!(pg_up|pgbouncer_up)$|pgsonde_|process_|pg_exporter_|pg_scrape_collector_)[A-Za-z_:][A-Za-z0-9_:]*$"
        ),
    ])
    private static let label = JSON.object([("type", "string"), ("pattern", "^(?!__)[A-Za-z_][A-Za-z0-9_]*$")])
    /// One that is none of a histogram's or a summary's.
    private static let sampleLabel = JSON.object([
        ("type", "string"), ("pattern", "^(?!__|(le|quantile)$)[A-Za-z_][A-Za-z0-9_]*$"),
    ])
    private static let truth = JSON.object([("type", "boolean")])

    /// A mapping of texts.
    private static func texts(named name: JSON) -> JSON {
        .object([("type", "object"), ("propertyNames", name), ("additionalProperties", reference("text"))])
    }

    /// A whole number, which may stand in quotes.
    private static func integer(from least: Int, to most: Int = 1 << 31 - 1) -> JSON {
        .object([
            ("type", .list(["integer", "string"])), ("minimum", .integer(least)), ("maximum", .integer(most)),
            ("pattern", .text(least > 0 ? "^0*[1-9][0-9]*$" : "^[0-9]+$")),
        ])
    }

    private static func scalar(matching pattern: String) -> JSON {
        .object([("type", .list(["string", "number", "boolean"])), ("pattern", .text(pattern))])
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) -> JSON
    where Choice.RawValue == String {
        .object([("enum", .list(Choice.allCases.map { .text($0.rawValue) }))])
    }

    private static func constant(_ value: JSON) -> JSON {
        .object([("const", value)])
    }

    private static func reference(_ name: String) -> JSON {
        .object([("$ref", .text("#/definitions/\(name)"))])
    }

    private static func oneOrMore(_ item: JSON) -> JSON {
        .object([("anyOf", .list([item, .object([("type", "array"), ("minItems", 1), ("items", item)])]))])
    }

    // MARK: - Rules

    /// A mapping in which every key is known.
    ///
    /// - Parameters:
    ///   - keys: those that the decoder knows, in the order of the reference.
    ///   - required: those that must be there.
    ///   - conditions: what else must hold.
    ///   - described: what each key is.
    /// - Returns: its schema.
    private static func mapping(
        _ keys: [String], required: [String] = [], conditions: [JSON] = [], described: [(String, String, JSON)]
    ) -> JSON {
        let known = Dictionary(described.map { ($0.0, ($0.1, $0.2)) }) { first, _ in first }
        let properties: [Member] = keys.map { key in
            // Beside $ref nothing else would count.
            (key, .object([("description", .text(known[key]?.0)), ("allOf", .list([known[key]?.1 ?? .object([])]))]))
        }
        var members: [Member] = [
            ("type", "object"), ("additionalProperties", false), ("properties", .object(properties)),
        ]
        if !required.isEmpty { members.append(("required", .list(required.map { .text($0) }))) }
        if !conditions.isEmpty { members.append(("allOf", .list(conditions))) }
        return .object(members)
    }

    private static func required(_ keys: [String]) -> JSON {
        .object([("required", .list(keys.map { .text($0) }))])
    }

    private static func anyOf(_ keys: [String]) -> JSON {
        .object([("anyOf", .list(keys.map { required([$0]) }))])
    }

    private static func forbidding(_ keys: [String]) -> JSON {
        .object([("not", anyOf(keys))])
    }

    private static func either(_ key: String, then: JSON, else other: JSON) -> JSON {
        .object([("if", required([key])), ("then", then), ("else", other)])
    }
}
