/// Parameters that postgres_exporter's driver takes in a connection string and libpq does not know: the server's settings by their names,
/// and what changes the driver itself.
struct DriverParameters {
    /// Settings that the session has from the start; the three limits only lower our own.
    private static let heeded: Set<String> = [
        "backend_flush_after", "client_min_messages", "constraint_exclusion", "cpu_index_tuple_cost",
        "cpu_operator_cost", "cpu_tuple_cost", "cursor_tuple_fraction", "deadlock_timeout",
        "default_statistics_target", "default_transaction_deferrable", "default_transaction_isolation",
        "effective_cache_size", "effective_io_concurrency", "enable_bitmapscan", "enable_hashagg", "enable_hashjoin",
        "enable_indexonlyscan", "enable_indexscan", "enable_material", "enable_mergejoin", "enable_nestloop",
        "enable_partition_pruning", "enable_seqscan", "enable_sort", "enable_tidscan", "from_collapse_limit", "geqo",
        "geqo_threshold", "gin_fuzzy_search_limit", "hash_mem_multiplier", "idle_in_transaction_session_timeout",
        "join_collapse_limit", "lc_messages", "lc_monetary", "lc_numeric", "lc_time", "lock_timeout",
        "log_duration", "log_min_duration_statement", "log_min_error_statement", "log_min_messages", "log_statement",
        "log_statement_stats", "maintenance_work_mem", "max_parallel_workers", "plan_cache_mode", "random_page_cost",
        "role", "row_security", "search_path", "seq_page_cost", "session_replication_role", "statement_timeout",
        "synchronous_commit", "temp_buffers", "temp_file_limit", "temp_tablespaces", "track_activities",
        "track_functions", "track_io_timing", "transaction_timeout", "work_mem",
    ]
    /// Settings that our sessions have of their own, and what there is nothing of here to change.
    private static let ignored: Set<String> = [
        "binary_parameters", "bytea_output", "client_connection_check_interval", "datestyle",
        "default_transaction_read_only", "disable_prepared_binary_result", "extra_float_digits",
        "idle_session_timeout", "intervalstyle", "jit", "krbspn", "max_parallel_workers_per_gather",
        "standard_conforming_strings", "stats_fetch_consistency", "timezone", "tz",
    ]

    /// The connection string without them.
    private var rest = ""
    /// Their names in small letters, and their values.
    private var found: [(name: String, value: String)] = []

    /// Reads a connection string, of either form.
    ///
    /// - Parameters:
    ///   - text: what the user wrote.
    ///   - parse: libpq's own reading.
    /// - Returns: libpq's keywords, and the names of what is not heeded.
    /// - Throws: what is wrong; the string is never shown.
    static func read(
        _ text: String, by parse: ServerSection.ConnectionStringParser
    ) throws -> (keywords: [String: String], ignored: [String]) {
        let parameters = DriverParameters(text)
        var keywords = try parse(parameters.rest)
        let ignored = try parameters.complete(&keywords)
        return (keywords, ignored)
    }

    private init(_ text: String) {
        if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") {
            readURI(text)
        } else {
            readPairs(text)
        }
    }

    /// Puts settings into `options`, and returns the names of what is not heeded.
    private func complete(_ keywords: inout [String: String]) throws(ValueProblem) -> [String] {
        var options = keywords["options"].map { [$0] } ?? []
        var ignored: [String] = []
        for (name, value) in found {
            switch name {
            case "database": keywords["dbname"] = value
            case "sslinline":
                guard ["0", "f", "false", "n", "no", "off"].contains(value.lowercased()) else {
                    throw ValueProblem(
                        "sslinline: libpq reads certificates from files: write them to files, and their names here")
                }
            case _ where Self.heeded.contains(name): options.append("-c \(name)=\(Self.escaped(value))")
            default: ignored.append(name)
            }
        }
        if !options.isEmpty { keywords["options"] = options.joined(separator: " ") }
        return ignored.sorted()
    }

    /// Takes a parameter for itself; false for what is libpq's, or nobody's.
    private mutating func take(_ name: String, _ value: @autoclosure () -> String) -> Bool {
        let name = name.lowercased()
        switch name {
        case "database", "sslinline": break
        // All that the driver knows; what else there may be libpq has a say in.
        case "client_encoding": guard Self.isUTF8(value()) else { return false }
        default: guard Self.heeded.contains(name) || Self.ignored.contains(name) else { return false }
        }
        found.append((name, value()))
        return true
    }

    /// What parts words, to libpq and to the server.
    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || ("\t"..."\r").contains(scalar)
    }

    private static func isUTF8(_ encoding: String) -> Bool {
        ["utf8", "unicode"].contains(encoding.lowercased().filter { $0.isLetter || $0.isNumber })
    }

    /// A value as the server reads it in `options`.
    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            if scalar == "\\" || isSpace(scalar) { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(scalar)
        }
        return text
    }

    /// Reads `postgresql://…?name=value&…`, where libpq looks for the question mark behind user and password.
    private mutating func readURI(_ text: String) {
        let hierarchy = text[(text.firstRange(of: "://")?.upperBound ?? text.startIndex)...]
        let authority = hierarchy.firstIndex { $0 == "@" || $0 == "/" } ?? hierarchy.startIndex
        guard let mark = hierarchy[authority...].firstIndex(of: "?") else {
            rest = text
            return
        }
        let pairs = hierarchy[hierarchy.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
        let others = pairs.filter { pair in
            let name = pair.prefix { $0 != "=" }
            return !take(
                String(name), HTTPQuery.decoded(pair[name.endIndex...].dropFirst(), plusIsSpace: false))
        }
        rest = text[..<mark] + (others.isEmpty ? "" : "?" + others.joined(separator: "&"))
    }

    /// Reads `name = 'value' …`; of what libpq cannot read nothing is taken.
    private mutating func readPairs(_ text: String) {
        rest = text
        var others = ""
        var left = Substring(text).unicodeScalars
        while true {
            left = left.drop(while: Self.isSpace)
            guard !left.isEmpty else { break }
            let start = left.startIndex
            let name = String(left.prefix { $0 != "=" && !Self.isSpace($0) })
            left = left.dropFirst(name.unicodeScalars.count).drop(while: Self.isSpace)
            guard left.popFirst() == "=" else {
                found = []
                return
            }
            left = left.drop(while: Self.isSpace)
            guard let value = Self.value(&left) else {
                found = []
                return
            }
            if !take(name, value) {
                others += (others.isEmpty ? "" : " ") + String(text.unicodeScalars[start..<left.startIndex])
            }
        }
        rest = others
    }

    /// A value with or without quotes; nil where its end is missing.
    private static func value(_ left: inout Substring.UnicodeScalarView) -> String? {
        let isQuoted = left.first == "'"
        if isQuoted { left.removeFirst() }
        var value = String.UnicodeScalarView()
        while let next = left.first {
            if isQuoted ? next == "'" : isSpace(next) { break }
            left.removeFirst()
            guard next == "\\" else {
                value.append(next)
                continue
            }
            if let escaped = left.popFirst() { value.append(escaped) }
        }
        guard !isQuoted || left.popFirst() == "'" else { return nil }
        return String(value)
    }
}
