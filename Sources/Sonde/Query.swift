/// The columns of a definition that a server has, and how they become statements.
struct Query {
    /// One column of a statement.
    struct Part {
        let kind: Column.Kind
        let name: String
        let sql: String
    }

    let from: String
    let columns: [Part]
    /// The most rows that are wanted; nil for all.
    var most: Int?
    /// An expression that tells since when a row has counted.
    var began: String?
    /// What `search_path` is while it runs.
    var searchPath: String?

    /// The most relations that are read in one statement.
    ///
    /// Few where an expression keeps its lock to the end of the statement: all sessions of a server share one table of locks.
    var pageSize: Int {
        metrics.contains { $0.sql.contains("pg_sequence_last_value") } ? 500 : 5_000
    }
    /// The rows of a page after which another one is asked for.
    ///
    /// Relations come and go between the block that reads them and the
    /// statement that shows what it found, so a full page may have lost some rows by then.
    var fullPage: Int { pageSize / 5 * 4 }
    /// The step of a plan by pages whose rows are the definition's.
    static let readingStep = 3
    /// The columns that such rows have beside the definition's own: the relation, and whether it could not be read.
    static let relation = "pgsonde_oid"
    static let leftOut = "pgsonde_left_out"
    /// The column of a limited definition that tells since when a row has counted.
    static let since = "pgsonde_since"

    var keys: [Part] {
        columns.filter { $0.kind == .label } + columns.filter { $0.kind == .info }
    }

    var metrics: [Part] {
        columns.filter(\.kind.isMetric)
    }

    /// The metrics, and what the reader needs beside them.
    var values: [Part] {
        metrics + (began.map { [Part(kind: .gauge, name: Self.since, sql: $0)] } ?? [])
    }

    /// One statement for all rows; labels come first, so that they can be grouped by their places.
    func plain(grouped: Bool) -> Step {
        var text = SpannedText("SELECT ")
        add(keys + values, to: &text)
        text.add("\nFROM ")
        text.add(from, of: "from")
        if grouped, !keys.isEmpty {
            text.add("\nGROUP BY " + (1...keys.count).map(String.init).joined(separator: ", "))
        }
        // One more, so that it shows that there are more.
        if let most { text.add("\nLIMIT \(most + 1)") }
        return text.step(searchPath: searchPath)
    }

    /// Page by page: a block that evaluates the metrics of one relation after the other, then a statement that reads what it found.
    ///
    /// What the block says of a missing column has no position in the statement, so the first steps have the server look at the same
    /// expressions without running them.
    func relationByRelation() -> Plan {
        .pages(
            size: fullPage, first: [Step(Self.reset), check()], page: [Step(block), found()])
    }

    /// What a block that fails leaves as it was: the statement after it then finds nothing.
    static let reset = """
        SELECT set_config('pgsonde.first', '0', false), set_config('pgsonde.last', '0', false), \
        set_config('pgsonde.values', '', false)
        """

    func check() -> Step {
        var text = SpannedText("EXPLAIN SELECT ")
        add(metrics, to: &text)
        text.add("\nFROM (SELECT c.oid FROM ")
        text.add(from, of: "from")
        text.add(") c")
        return text.step()
    }

    /// The block that evaluates the metrics of the next relations.
    ///
    /// Whatever opens a relation waits behind an AccessExclusiveLock, be it held or only queued. So relations that have such an entry in
    /// `pg_locks` are left out first, with the owners of locked indexes and TOAST tables; a lock that comes since then costs 5 ms and
    /// one relation, in a subtransaction that leaves no ERROR line in the server's log. Only a variable is set within it, for an array
    /// from outside would be copied whole each time.
    var block: String {
        let values = metrics.map { " || ',' || coalesce((\(Self.closed($0.sql)))::text, '')" }.joined()
        return """
            DO $pgsonde$
            #variable_conflict use_column
            DECLARE
              c record;
              pgsonde_row text;
              pgsonde_rows text[] := '{}';
              pgsonde_last oid := current_setting('pgsonde.last')::oid;
            BEGIN
              PERFORM set_config('lock_timeout', '5ms', true), set_config('pgsonde.first', pgsonde_last::text, false);
              FOR c IN
                WITH locked AS MATERIALIZED (
                       SELECT relation AS oid FROM pg_locks
                       WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock'
                         AND database IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))),
                     owners AS MATERIALIZED (
                       SELECT oid FROM locked
                       UNION SELECT indrelid FROM pg_index WHERE indexrelid IN (SELECT oid FROM locked)),
                     barred AS MATERIALIZED (
                       SELECT oid FROM owners
                       UNION SELECT oid FROM pg_class WHERE reltoastrelid IN (SELECT oid FROM owners)
                       UNION SELECT indexrelid FROM pg_index WHERE indrelid IN (SELECT oid FROM owners)),
                     page AS MATERIALIZED (
                       SELECT q.pgsonde_oid FROM (SELECT c.oid AS pgsonde_oid FROM \(Self.closed(from))) q
                       WHERE q.pgsonde_oid > pgsonde_last ORDER BY q.pgsonde_oid LIMIT \(pageSize))
                SELECT p.pgsonde_oid AS oid, p.pgsonde_oid IN (SELECT b.oid FROM barred b) AS pgsonde_barred
                FROM page p ORDER BY 1
              LOOP
                pgsonde_last := c.oid;
                CONTINUE WHEN c.pgsonde_barred;
                BEGIN
                  pgsonde_row := c.oid::text\(values);
                EXCEPTION WHEN OTHERS THEN
                  CONTINUE;
                END;
                pgsonde_rows := array_append(pgsonde_rows, pgsonde_row);
              END LOOP;
              PERFORM set_config('pgsonde.values', array_to_string(pgsonde_rows, ';'), false),
                set_config('pgsonde.last', pgsonde_last::text, false);
            END $pgsonde$
            """
    }

    /// The statement that shows what the block found, with the labels of each relation.
    private func found() -> Step {
        var text = SpannedText("SELECT q.\(Self.relation), v.f IS NULL AS \(Self.leftOut)")
        for key in keys { text.add(", q.\(Identifier.quoted(key.name))") }
        for (index, metric) in metrics.enumerated() {
            text.add(", nullif(v.f[\(index + 2)], '') AS \(Identifier.quoted(metric.name))")
        }
        text.add("\nFROM (SELECT c.oid AS \(Self.relation)\(keys.isEmpty ? "" : ", ")")
        add(keys, to: &text)
        text.add("\nFROM ")
        text.add(from, of: "from")
        text.add(Self.join)
        return text.step()
    }

    /// Puts what the block found beside the relations `q` of its page.
    ///
    /// Each looks its own up in a sorted object. Of a join, a planner that expects a single relation of the FROM makes a comparison of
    /// each with each, which takes half a minute for five thousand.
    static let join = """
        ) q
        LEFT JOIN LATERAL (SELECT string_to_array((SELECT jsonb_object_agg(split_part(r, ',', 1), r)
          FROM unnest(string_to_array(current_setting('pgsonde.values'), ';')) r) ->> q.\(relation)::text, ',') AS f
          OFFSET 0) v ON true
        WHERE q.\(relation) > current_setting('pgsonde.first')::oid
          AND q.\(relation) <= current_setting('pgsonde.last')::oid
        ORDER BY q.\(relation)
        """

    /// Writes a list of expressions, each under its column's name.
    func add(_ columns: [Part], to text: inout SpannedText) {
        for (index, column) in columns.enumerated() {
            text.add(index == 0 ? "(" : ",\n  (")
            text.add(column.sql, of: column.name)
            text.add(") AS \(Identifier.quoted(column.name))")
        }
    }

    /// A text after which something may follow, even where it ends in a comment.
    static func closed(_ text: String) -> String {
        text.contains("--") ? text + "\n" : text
    }
}
