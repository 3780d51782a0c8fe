import Sonde

/// Tells of an expression whether it is a time, a duration or a place in the WAL, as far as its text says so.
enum ExpressionUnit {
    private typealias Token = StatementText.Token

    private static let units: [String: Sonde.Unit] = {
        let times = """
            now clock_timestamp statement_timestamp transaction_timestamp current_timestamp localtimestamp current_date \
            to_timestamp pg_postmaster_start_time pg_conf_load_time pg_last_xact_replay_timestamp pg_xact_commit_timestamp \
            backend_start xact_start query_start state_change stats_reset stats_since minmax_stats_since waitstart prepared \
            prepare_time last_vacuum last_autovacuum last_analyze last_autoanalyze last_seq_scan last_idx_scan \
            last_archived_time last_failed_time last_msg_send_time last_msg_receipt_time latest_end_time reply_time \
            checksum_last_failure inactive_since checkpoint_time pg_control_last_modified modification rolvaliduntil
            """
        let durations = "write_lag flush_lag replay_lag make_interval justify_interval justify_hours justify_days"
        let places = """
            pg_current_wal_lsn pg_current_wal_insert_lsn pg_current_wal_flush_lsn pg_last_wal_receive_lsn \
            pg_last_wal_replay_lsn sent_lsn write_lsn flush_lsn replay_lsn restart_lsn confirmed_flush_lsn \
            received_lsn latest_end_lsn receive_start_lsn written_lsn flushed_lsn checkpoint_lsn redo_lsn \
            min_recovery_end_lsn backup_start_lsn backup_end_lsn remote_lsn local_lsn srsublsn subskiplsn
            """
        var units: [String: Sonde.Unit] = [:]
        for (names, unit) in [(times, Unit.timestamp), (durations, .seconds), (places, .bytes)] {
            for name in names.split(separator: " ") { units[String(name)] = unit }
        }
        return units
    }()
    private static let types: [String: Sonde.Unit] = [
        "timestamptz": .timestamp, "timestamp": .timestamp, "date": .timestamp, "interval": .seconds, "pg_lsn": .bytes,
    ]
    /// Functions that give what they are given.
    private static let passing: Set<String> = [
        "coalesce", "max", "min", "greatest", "least", "nullif", "date_trunc", "sum", "avg", "any_value", "first_value",
        "last_value", "abs",
    ]
    /// Words between operands, whose result is a truth or a number.
    private static let operators: Set<String> = ["and", "or", "not", "is", "in", "like", "ilike", "between", "select"]

    /// The unit of a column of PostgreSQL's own; nil where it is a number, or is not known.
    static func unit(ofColumn name: String) -> Sonde.Unit? {
        units[name]
    }

    /// The unit of an expression; nil where it is a number, or nothing is known of it.
    static func unit(of tokens: ArraySlice<StatementText.Token>) -> Sonde.Unit? {
        guard let first = tokens.first else { return nil }
        if first == .word("case"), tokens.last == .word("end") { return unit(ofCase: tokens.dropFirst().dropLast()) }
        var operands: [(sign: Unicode.Scalar, tokens: ArraySlice<Token>)] = [
            ("+", tokens[tokens.startIndex..<tokens.startIndex])
        ]
        var depth = 0
        for index in tokens.indices {
            let token = tokens[index]
            if [.sign(")"), .sign("]")].contains(token) { depth -= 1 }
            defer { if [.sign("("), .sign("[")].contains(token) { depth += 1 } }
            if depth == 0, case .word(let word) = token, operators.contains(word) { return nil }
            if depth == 0, case .sign(let sign) = token {
                if "*/%<>=!|&^~#?@".unicodeScalars.contains(sign) { return nil }
                if sign == "+" || sign == "-" {
                    operands.append((sign, tokens[(index + 1)..<(index + 1)]))
                    continue
                }
            }
            operands[operands.count - 1].tokens = tokens[operands[operands.count - 1].tokens.startIndex...index]
        }
        var result = operand(operands[0].tokens)
        for (sign, tokens) in operands.dropFirst() { result = combined(result, sign, operand(tokens)) }
        return result
    }

    private static func combined(_ left: Sonde.Unit?, _ sign: Unicode.Scalar, _ right: Sonde.Unit?) -> Sonde.Unit? {
        switch (left, sign, right) {
        // A time can only be taken from a time, and what is taken from one is another one more often than a duration.
        case (.timestamp, "-", .timestamp), (.timestamp, "-", nil), (nil, "-", .timestamp): .seconds
        case (.timestamp, _, _), (nil, "+", .timestamp), (nil, _, .seconds): .timestamp
        case (.seconds, _, .timestamp): .timestamp
        case (.seconds, _, _): .seconds
        default: nil
        }
    }

    /// The unit of what stands between operators: a name, a call, a cast, or something in parentheses.
    private static func operand(_ tokens: ArraySlice<Token>) -> Sonde.Unit? {
        guard let first = tokens.first else { return nil }
        if let cast = tokens.indices.dropLast().last(where: { tokens[$0] == .sign(":") && tokens[$0 + 1] != .sign(":") }
        ) {
            let isLast = !tokens[cast...].contains(.sign(")"))
            if isLast { return name(of: tokens[cast + 1]).flatMap { types[$0] } }
        }
        if tokens.count == 2, case .word(let word) = first, case .text? = tokens.last { return types[word] }
        guard let open = tokens.firstIndex(of: .sign("(")) else {
            return tokens.last.flatMap(name).flatMap { units[$0] }
        }
        guard let close = closing(tokens, from: open) else { return nil }
        let inner = tokens[(open + 1)..<close]
        guard open > tokens.startIndex, let function = name(of: tokens[open - 1]) else {
            return open == tokens.startIndex && close == tokens.endIndex - 1 ? unit(of: inner) : nil
        }
        let arguments = parts(inner).lazy.compactMap { unit(of: $0) }
        if passing.contains(function) { return arguments.first }
        // Of transactions it is a number.
        if function == "age" { return arguments.first == .timestamp ? .seconds : nil }
        return units[function]
    }

    /// The unit of what a CASE gives.
    private static func unit(ofCase tokens: ArraySlice<Token>) -> Sonde.Unit? {
        var depth = 0
        var start: Int?
        for index in tokens.indices {
            if [.sign("("), .word("case")].contains(tokens[index]) { depth += 1 }
            if [.sign(")"), .word("end")].contains(tokens[index]) { depth -= 1 }
            guard depth == 0, [.word("then"), .word("else"), .word("when")].contains(tokens[index]) else { continue }
            if let start, let unit = unit(of: tokens[start..<index]) { return unit }
            start = tokens[index] == .word("when") ? nil : index + 1
        }
        return start.flatMap { unit(of: tokens[$0...]) }
    }

    private static func name(of token: Token) -> String? {
        switch token {
        case .word(let name), .name(let name): name
        case .text, .constant, .sign: nil
        }
    }

    private static func closing(_ tokens: ArraySlice<Token>, from open: Int) -> Int? {
        var depth = 0
        for index in open..<tokens.endIndex {
            if tokens[index] == .sign("(") { depth += 1 }
            if tokens[index] == .sign(")") { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    /// Arguments of a call.
    private static func parts(_ tokens: ArraySlice<Token>) -> [ArraySlice<Token>] {
        var depth = 0
        return tokens.split { token in
            if [.sign("("), .sign("[")].contains(token) { depth += 1 }
            if [.sign(")"), .sign("]")].contains(token) { depth -= 1 }
            return depth == 0 && token == .sign(",")
        }
    }
}
