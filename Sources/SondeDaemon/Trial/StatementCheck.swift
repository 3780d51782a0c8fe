import Sonde
import SondePostgres

/// Has a server look at the statements of one definition, in the session that will run them.
struct StatementCheck {
    /// A statement that can be looked at.
    private struct Statement {
        let sql: String
        let step: Step
        /// How much of the step's text is not in it.
        let shift: Int
        /// Whether its metrics are as the definition has them; those of a step that shows what was found before are texts.
        let hasMetrics: Bool
    }

    let definition: Definition
    let placed: PlacedDefinition
    let source: SourceText
    let facts: Facts
    let connection: Connection
    let timeout: Duration
    /// Whether statements can be prepared.
    let hasSessions: Bool
    private(set) var findings: [Finding] = []

    init(
        definition: Definition, placed: PlacedDefinition, source: SourceText, facts: Facts, connection: Connection,
        timeout: Duration, hasSessions: Bool
    ) {
        self.definition = definition
        self.placed = placed
        self.source = source
        self.facts = facts
        self.connection = connection
        self.timeout = timeout
        self.hasSessions = hasSessions
    }

    /// A table of at least this size is better not read whole at each run.
    private static let big = 32 << 20

    // MARK: - What the server thinks of it

    /// Has the statements prepared, and looks at their columns, their plans and the functions that they call.
    mutating func run(_ plan: Plan) async {
        var statements = statements(of: plan)
        await checkCalls(statements)
        var refused: Set<String> = []
        // Without the column at fault there may be another one.
        while let column = await fault(in: statements) {
            guard column != "from", refused.insert(column).inserted else { return }
            statements = self.statements(of: definition.plan(for: facts, without: refused))
            if statements.isEmpty { return }
        }
        for statement in statements where hasSessions { await checkColumns(statement) }
        await checkScans(statements)
    }

    /// What is wrong where something is not there, with the name that was meant.
    func finding(for detail: String) async -> Finding? {
        guard let lack = Lack(placed, facts) else { return nil }
        var message = detail
        if let advice = await Advice(connection: connection, timeout: timeout).text(for: lack) {
            message = "needs \(lack.name), which is not there: \(advice)"
        }
        return Finding(
            problem: FileProblem(placed.file, line: lack.node.line, column: lack.node.column, message), isError: true)
    }

    /// How the server runs the statements, each of which it runs once more for this.
    func explain(_ plan: Plan) async -> [String] {
        var lines: [String] = []
        for statement in statements(of: plan) where isPlanned(statement) {
            let (texts, error) = await ask(
                "EXPLAIN (ANALYZE, BUFFERS) \(statement.sql)", for: "QUERY PLAN", in: statement.step)
            lines += error.map { ["\($0)"] } ?? texts
        }
        return lines
    }

    /// Those of the steps whose text is the definition's.
    private func statements(of plan: Plan) -> [Statement] {
        let explain = "EXPLAIN "
        return plan.steps.filter { !$0.spans.isEmpty }.map { step in
            guard step.sql.hasPrefix(explain) else {
                return Statement(sql: step.sql, step: step, shift: 0, hasMetrics: !definition.each)
            }
            return Statement(
                sql: String(step.sql.dropFirst(explain.count)), step: step, shift: explain.count, hasMetrics: true)
        }
    }

    /// Has the statements prepared, or explained where nothing can be prepared.
    ///
    /// - Returns: the column that the server does not accept, after it was reported; nil where all is well.
    private mutating func fault(in statements: [Statement]) async -> String? {
        let jobs = statements.enumerated().map { index, statement in
            var job = job(index, hasSessions ? statement.sql : statement.step.explanation, in: statement.step)
            job.isDescription = hasSessions
            return job
        }
        let outcomes = await connection.run(jobs, into: TextSink(column: ""))
        for (statement, outcome) in zip(statements, outcomes) {
            guard let error = outcome.error else { continue }
            // Behind a pooler the position is one in the explanation.
            let shift = hasSessions ? statement.shift : 0
            let position = error.position.map { $0 + shift - (hasSessions || statement.shift > 0 ? 0 : 8) }
            let advice = await Advice(connection: connection, timeout: timeout).text(for: error)
            report(
                "\(error.message)\(error.detail.map { "; \($0)" } ?? ""): \(advice)", at: position,
                in: statement.step, isError: true)
            return position.flatMap { statement.step.column(at: $0) } ?? "from"
        }
        return nil
    }

    // MARK: - Columns

    private mutating func checkColumns(_ statement: Statement) async {
        let sink = ColumnSink()
        var job = job(0, statement.sql, in: statement.step)
        job.isDescription = true
        let outcomes = await connection.run([job], into: sink)
        guard outcomes.first?.error == nil else { return }
        let found = sink.columns
        let names = await typeNames(found.map(\.type))
        let types = Dictionary(
            found.map { ($0.name, ColumnType(oid: $0.type, name: names[$0.type] ?? "type \($0.type)")) }
        ) { first, _ in first }
        var used: Set<String> = []
        for column in definition.columns where statement.hasMetrics || !column.kind.isMetric {
            for (index, part) in column.parts.enumerated() {
                // What is NULL for this version is left out of it.
                if definition.query != nil, part.sql.text(for: facts.version) == nil { continue }
                let sources = definition.sources(part.name, part.sql)
                guard let source = sources.first(where: { types[$0] != nil }), let type = types[source] else {
                    reportMissing(part.name, sources, among: found.map(\.name), in: statement)
                    continue
                }
                used.insert(source)
                let remark: ColumnType.Remark?
                switch (column.kind, index) {
                case (.label, _), (.info, _), (.stateset, _): remark = type.remarkOnLabel
                case (.histogram, 0), (.histogram, 1): remark = type.remarkOnArray
                case (.histogram, 3): remark = type.remark(in: .count)
                default: remark = type.remark(in: column.unit)
                }
                guard let remark else { continue }
                findings.append(
                    Finding(
                        problem: placed.problem(in: part.name, "\(part.name): \(remark.text)"), isError: remark.isError)
                )
            }
        }
        guard definition.query != nil else { return }
        for name in found.map(\.name) where !used.contains(name) {
            findings.append(
                Finding(
                    problem: placed.problem(
                        in: "from",
                        "the query's column \(Spelling.quoted(name)) is not among columns: add it, or remove it"),
                    isError: false))
        }
    }

    /// Reports a column that a whole query does not have, where it should have it in this version.
    private mutating func reportMissing(
        _ name: String, _ sources: [String], among found: [String], in statement: Statement
    ) {
        guard definition.query != nil else { return }
        let wanted = sources.first ?? name
        findings.append(
            Finding(
                problem: placed.problem(
                    in: name,
                    "the query has no column \(Spelling.quoted(wanted)): \(Spelling.advice(for: wanted, among: found))"
                ), isError: true))
    }

    private func typeNames(_ types: [UInt32]) async -> [UInt32: String] {
        guard !types.isEmpty else { return [:] }
        let list = Set(types).sorted().map(String.init).joined(separator: ", ")
        let (lines, _) = await ask(
            "SELECT oid || ' ' || format_type(oid, NULL) AS line FROM pg_type WHERE oid IN (\(list))", for: "line")
        return lines.reduce(into: [:]) { names, line in
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 2, let oid = UInt32(words[0]) { names[oid] = String(words[1]) }
        }
    }

    // MARK: - Plans and functions

    private mutating func checkScans(_ statements: [Statement]) async {
        for statement in statements where isPlanned(statement) {
            let (texts, error) = await ask(QueryPlan.question(statement.sql), for: "QUERY PLAN", in: statement.step)
            if let error {
                report(
                    "\(error.message): \(await Advice(connection: connection, timeout: timeout).text(for: error))",
                    at: nil,
                    in: statement.step, isError: true)
                return
            }
            let scans = Set(QueryPlan(texts.joined(separator: "\n")).scans)
            guard !scans.isEmpty else { continue }
            let list = scans.map { "(\(Identifier.literal($0.schema)), \(Identifier.literal($0.relation)))" }.sorted()
            let (lines, _) = await ask(
                """
                SELECT c.relpages * current_setting('block_size')::bigint || ' ' || quote_ident(n.nspname) || '.' \
                || quote_ident(c.relname) AS line FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                WHERE (n.nspname, c.relname) IN (\(list.joined(separator: ", "))) ORDER BY 1
                """, for: "line")
            for line in lines {
                let words = line.split(separator: " ", maxSplits: 1)
                guard words.count == 2, let bytes = Int(words[0]), bytes >= Self.big else { continue }
                let every = DurationText.text(definition.timing.every)
                report(
                    "reads all of \(words[1]), \(bytes >> 20) MB, every \(every): give it a condition that an index serves, or run it less often by cost: heavy",
                    at: nil, in: statement.step, isError: false)
            }
        }
    }

    private mutating func checkCalls(_ statements: [Statement]) async {
        var calls: [(call: SQLCalls.Call, statement: Statement)] = []
        for statement in statements {
            for call in SQLCalls(statement.sql).calls
            where statement.step.column(at: call.offset + statement.shift + 1) != nil {
                calls.append((call, statement))
            }
        }
        guard !calls.isEmpty else { return }
        let list = Set(calls.map { Identifier.literal($0.call.name) }).sorted().joined(separator: ", ")
        let (names, _) = await ask(
            """
            SELECT DISTINCT n.nspname || '.' || p.proname AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
            WHERE p.provolatile = 'v' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.proname IN (\(list)) \
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
            """, for: "name")
        for (call, statement) in calls {
            let position = call.offset + statement.shift + 1
            if let warning = FunctionRule.warning(about: call.name, each: definition.each) {
                report(warning, at: position, in: statement.step, isError: false)
            } else if let schema = call.schema, names.contains("\(schema).\(call.name)") {
                report(
                    "\(schema).\(call.name)() is volatile, so that it may lock or write: if it only reads, declare it STABLE",
                    at: position, in: statement.step, isError: false)
            }
        }
    }

    // MARK: - Asking and telling

    private func job(_ number: Int, _ sql: String, in step: Step? = nil) -> Job {
        Job(
            step: number, sql: sql, collector: definition.name, timeout: timeout, prepared: false,
            searchPath: step?.searchPath, confinement: step == nil ? .session : .undone)
    }

    private func ask(
        _ sql: String, for column: String, in step: Step? = nil
    ) async -> (texts: [String], error: PostgresError?) {
        let sink = TextSink(column: column)
        let outcomes = await connection.run([job(0, sql, in: step)], into: sink)
        return (sink.texts, outcomes.first?.error)
    }

    /// Whether a statement is one that EXPLAIN takes; one that shows what was found before needs that to be there.
    private func isPlanned(_ statement: Statement) -> Bool {
        guard statement.hasMetrics else { return false }
        let words = statement.sql.unicodeScalars.drop { $0.properties.isWhitespace || $0 == "(" }
        let word = String(Substring(words.prefix { $0.properties.isAlphabetic })).uppercased()
        return ["SELECT", "WITH", "VALUES", "TABLE"].contains(word)
    }

    /// Notes something at a position of a step's text, as PostgreSQL counts it.
    private mutating func report(_ message: String, at position: Int?, in step: Step, isError: Bool) {
        let problem = position.flatMap { place(of: $0 - 1, in: step) }.map {
            FileProblem(placed.file, line: $0.line, column: $0.column, message)
        }
        let column = position.flatMap { step.column(at: $0) } ?? "from"
        findings.append(Finding(problem: problem ?? placed.problem(in: column, message), isError: isError))
    }

    private func place(of offset: Int, in step: Step) -> (line: Int, column: Int)? {
        var version = facts.version
        if case .extension(let name) = definition.axis { version = facts.extensions[name]?.version ?? version }
        guard let span = step.spans.first(where: { $0.range.contains(offset) }),
            let node = placed.text(of: span.column, for: version), let text = node.text
        else { return nil }
        let run = Array(step.sql.unicodeScalars)[span.range]
        return source.place(
            of: Self.offset(offset - span.range.lowerBound, of: Array(run), in: Array(text.unicodeScalars)), in: node)
    }

    /// Where a character of what is run stands in what is written, which may say `{schema}` in its place.
    private static func offset(_ offset: Int, of run: [Unicode.Scalar], in text: [Unicode.Scalar]) -> Int {
        let same = zip(run, text).prefix { $0 == $1 }.count
        guard offset > same else { return offset }
        let tail = zip(run.reversed(), text.reversed()).prefix { $0 == $1 }.count
        return run.count - offset <= tail ? text.count - (run.count - offset) : same
    }
}
