/// The columns of a definition that a server has, and how they become statements.
struct Query {
    let from: String
    let columns: [(column: Column, sql: String)]

    /// The most relations that are read in one statement.
    static let pageSize = 5_000

    /// Text that remembers where each column's expression stands.
    private struct Text {
        var sql = ""
        var length = 0
        var spans: [Step.Span] = []

        mutating func add(_ text: String) {
            sql += text
            // PostgreSQL counts positions in characters, which are code points.
            length += text.unicodeScalars.count
        }

        mutating func add(_ text: String, of column: String) {
            let start = length
            add(text)
            spans.append(Step.Span(column: column, range: start..<length))
        }
    }

    /// Labels first, so that they can be grouped by their places.
    private var ordered: [(column: Column, sql: String)] {
        keys + columns.filter { $0.column.kind != .label && $0.column.kind != .info }
    }

    private var keys: [(column: Column, sql: String)] {
        columns.filter { $0.column.kind == .label } + columns.filter { $0.column.kind == .info }
    }

    /// One statement for all rows.
    func plain(grouped: Bool) -> Step {
        var text = Text()
        text.add("SELECT ")
        for (index, (column, sql)) in ordered.enumerated() {
            text.add(index == 0 ? "(" : ", (")
            text.add(sql, of: column.name)
            text.add(") AS \(Identifier.quoted(column.name))")
        }
        text.add(" FROM ")
        text.add(from, of: "from")
        if grouped, !keys.isEmpty {
            text.add(" GROUP BY " + (1...keys.count).map(String.init).joined(separator: ", "))
        }
        return Step(text.sql, spans: text.spans)
    }

    /// Page by page: a block that evaluates the metrics of one relation after the other, then a statement that reads what it found.
    ///
    /// Whatever opens a relation waits behind an AccessExclusiveLock, be it held or only queued. So relations that have such an entry in
    /// `pg_locks` are left out first, with the owners of locked indexes and TOAST tables; a lock that comes since then costs 5 ms and
    /// one relation, in a subtransaction that leaves no ERROR line in the server's log.
    func relationByRelation() -> Plan {
        let metrics = columns.filter { $0.column.kind == .gauge || $0.column.kind == .counter }
        let values = metrics.map { "||','||coalesce((\($0.sql))::text,'')" }.joined()
        let block = """
            DO $pgsonde$
            #variable_conflict use_column
            DECLARE
              c record;
              sonde_found text[] := '{}';
              sonde_last oid := coalesce(nullif(current_setting('pgsonde.last', true), ''), '0')::oid;
            BEGIN
              PERFORM set_config('lock_timeout', '5ms', true), set_config('pgsonde.first', sonde_last::text, false);
              FOR c IN
                WITH locked AS MATERIALIZED (
                       SELECT relation AS oid FROM pg_locks
                       WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock'
                         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())),
                     owners AS MATERIALIZED (
                       SELECT oid FROM locked
                       UNION SELECT indrelid FROM pg_index WHERE indexrelid IN (SELECT oid FROM locked)),
                     barred AS MATERIALIZED (
                       SELECT oid FROM owners
                       UNION SELECT oid FROM pg_class WHERE reltoastrelid IN (SELECT oid FROM owners)
                       UNION SELECT indexrelid FROM pg_index WHERE indrelid IN (SELECT oid FROM owners)),
                     page AS MATERIALIZED (
                       SELECT q.oid FROM (SELECT c.oid AS oid FROM \(from)) q
                       WHERE q.oid > sonde_last ORDER BY q.oid LIMIT \(Self.pageSize))
                SELECT p.oid AS oid, p.oid IN (SELECT b.oid FROM barred b) AS barred FROM page p ORDER BY 1
              LOOP
                sonde_last := c.oid;
                CONTINUE WHEN c.barred;
                BEGIN
                  sonde_found := array_append(sonde_found, c.oid\(values));
                EXCEPTION WHEN lock_not_available OR internal_error OR undefined_table OR undefined_object OR undefined_file THEN
                  NULL;
                END;
              END LOOP;
              PERFORM set_config('pgsonde.values', array_to_string(sonde_found, ';'), false),
                set_config('pgsonde.last', sonde_last::text, false);
            END $pgsonde$
            """
        var text = Text()
        text.add("SELECT q.oid AS \"pgsonde_oid\", v.f IS NULL AS \"pgsonde_left_out\"")
        for (column, _) in keys { text.add(", q.\(Identifier.quoted(column.name))") }
        for (index, (column, _)) in metrics.enumerated() {
            text.add(", nullif(v.f[\(index + 2)], '') AS \(Identifier.quoted(column.name))")
        }
        text.add(" FROM (SELECT c.oid AS oid")
        for (column, sql) in keys {
            text.add(", (")
            text.add(sql, of: column.name)
            text.add(") AS \(Identifier.quoted(column.name))")
        }
        text.add(" FROM ")
        text.add(from, of: "from")
        text.add(
            """
            ) q LEFT JOIN (SELECT string_to_array(r, ',') AS f \
            FROM unnest(string_to_array(current_setting('pgsonde.values'), ';')) r) v ON v.f[1]::oid = q.oid \
            WHERE q.oid > current_setting('pgsonde.first')::oid AND q.oid <= current_setting('pgsonde.last')::oid \
            ORDER BY q.oid
            """)
        return .pages(
            size: Self.pageSize, first: [Step("SELECT set_config('pgsonde.last', '0', false)")],
            page: [Step(block), Step(text.sql, spans: text.spans)])
    }
}
