package import Sonde

/// `pg_settings`: in code, since the unit differs by row.
///
/// Settings that are one of a list, such as `wal_level`, are shown by name, and so are a few that are text; the other texts are left
/// out, for they may hold secrets. So are those that were set for this session's role or its database: what a monitoring session runs
/// with is not what the server runs with. What pgsonde has set for its session is shown as it was before.
package struct Settings: PartlyGranted {
    package let name = "settings"
    package let help = "Settings of the server (pg_settings)"
    package let cost = Cost.medium

    private static let bytes = Metric(
        "pg_settings_bytes", in: .bytes,
        help: "Settings that are sizes; -1 means off or as another (pg_settings.setting)",
        labels: ["name"])
    private static let seconds = Metric(
        "pg_settings_seconds", in: .seconds,
        help: "Settings that are times; -1 means off or as another (pg_settings.setting)",
        labels: ["name"])
    private static let value = Metric(
        "pg_settings_value", help: "Settings that are numbers without unit (pg_settings.setting)", labels: ["name"])
    private static let enabled = Metric(
        "pg_settings_enabled", help: "Settings that are on (1) or off (0) (pg_settings.setting)", labels: ["name"])
    private static let choice = Metric(
        "pg_settings_info", .info,
        help: "Settings that are one of a list, and a few that are text (pg_settings.setting)",
        labels: ["name", "setting"])
    private static let pending = Metric(
        "pg_settings_pending_restart", help: "1 if a change waits for a restart (pg_settings.pending_restart)",
        labels: ["name"])

    /// Texts that are shown: what no password is ever part of, and what a server's work depends on.
    private static let texts = [
        "archive_library", "cluster_name", "data_directory", "default_table_access_method", "lc_messages",
        "listen_addresses",
        "log_destination", "log_timezone", "primary_slot_name", "recovery_target_timeline", "server_encoding",
        "shared_preload_libraries", "synchronized_standby_slots", "synchronous_standby_names",
    ]

    /// Makes the collector.
    package init() {}

    package var metrics: [Metric] {
        [Self.bytes, Self.seconds, Self.value, Self.enabled, Self.choice, Self.pending]
    }

    package func plan(for facts: Facts, without refused: Set<String>) -> Plan {
        .steps([Self.step])
    }

    /// All settings that are no text or one of ``texts``, and those that wait for a restart; `shown` are those that are the server's.
    ///
    /// The same for both name sets, so that they are asked for once. Modes of files are integers that are printed in octal; `seed`
    /// cannot be read. After a session has set something, `reset_val` is what it would have otherwise, but for what its socket has.
    static let step = Step(
        """
        SELECT s.name, s.setting, s.unit, s.vartype, s.pending_restart, s.shown FROM (
        SELECT p.name, CASE WHEN p.name = 'transaction_read_only' THEN CASE WHEN pg_is_in_recovery() THEN 'on'
          ELSE (SELECT r.reset_val FROM pg_settings AS r WHERE r.name = 'default_transaction_read_only') END
        WHEN p.source <> 'session' THEN p.setting
        WHEN p.name LIKE 'tcp%' THEN coalesce(current_setting('pgsonde.' || p.name, true), p.reset_val)
        ELSE p.reset_val END AS setting, p.unit, p.vartype, p.pending_restart,
        (p.vartype <> 'string' OR p.name IN (\(texts.map { "'\($0)'" }.joined(separator: ", "))))
        AND (p.vartype <> 'integer' OR p.setting !~ '^0[0-7]+$')
        AND p.source NOT IN ('client', 'user', 'database', 'database user') AND (p.source <> 'session' OR NOT EXISTS (
          SELECT FROM pg_db_role_setting AS d, unnest(d.setconfig) AS c WHERE split_part(c, '=', 1) = p.name
          AND d.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
          AND d.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))))
        AND p.name NOT IN ('is_superuser', 'seed', 'transaction_deferrable', 'transaction_isolation', 'transaction_read_only') AS shown
        FROM pg_settings AS p) AS s WHERE s.vartype <> 'string' OR s.shown OR s.pending_restart ORDER BY s.name
        """)

    package func makeReader(for timing: Timing) -> any Reader {
        SettingsReader()
    }

    package func shortfall(in facts: Facts) -> String? { Self.shortfall(in: facts) }

    /// Some are shown to this role's members only, changes of them that wait for a restart too.
    static func shortfall(in facts: Facts) -> String? {
        let role = "pg_read_all_settings"
        return facts.roles.contains(role)
            ? nil : "needs the privileges of \(role) for all of them: GRANT \(role) TO the monitoring role"
    }

    private struct SettingsReader: Reader {
        mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) {
            samples.count(rows: rows.count)
            for row in 0..<rows.count {
                guard let name = rows.text(row, "name") else { continue }
                let labels = [(name: "name", value: name)]
                if rows.text(row, "pending_restart") == "t" {
                    samples.add(1, to: Settings.pending.name, labels: labels)
                }
                guard rows.text(row, "shown") == "t", let setting = rows.text(row, "setting") else { continue }
                if rows.text(row, "vartype") == "enum" || rows.text(row, "vartype") == "string" {
                    samples.add(1, to: Settings.choice.name, labels: labels + [(name: "setting", value: setting)])
                    continue
                }
                guard
                    let (metric, value) = Settings.sample(
                        setting, vartype: rows.text(row, "vartype"), unit: rows.text(row, "unit"))
                else {
                    samples.skip()
                    continue
                }
                samples.add(value, to: metric.name, labels: labels)
            }
        }
    }

    /// The family that a setting belongs to and its value in the base unit; nil where either cannot be told.
    private static func sample(_ setting: String, vartype: String?, unit: String?) -> (metric: Metric, value: Double)? {
        if vartype == "bool" {
            switch setting {
            case "on": return (enabled, 1)
            case "off": return (enabled, 0)
            default: return nil
            }
        }
        // Swift reads hexadecimal, "nan" and "inf" as numbers too.
        let isDecimal = setting.utf8.allSatisfy { "0123456789.+-eE".utf8.contains($0) }
        guard isDecimal, let number = Double(setting), number.isFinite
        else { return nil }
        guard let unit, !unit.isEmpty else { return (value, number) }
        guard let known = SettingUnit(unit) else { return nil }
        return (known.base == .bytes ? bytes : seconds, known.base(number))
    }
}
