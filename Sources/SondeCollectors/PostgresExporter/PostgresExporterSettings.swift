package import Sonde

/// `pg_settings` as postgres_exporter shows it: a family for each setting that is a number or a switch.
///
/// Which there are depends on the server and its extensions, so they are declared as they come. What pgsonde's own session has set for
/// itself is shown as it was before.
package struct PostgresExporterSettings: PartlyGranted {
    package let name = "\(PostgresExporter.prefix)settings"
    package let help = "Settings of the server, a family each (pg_settings)"
    package let cost = Cost.medium
    package let metrics: [Metric] = []
    package let prefixes = ["pg_settings_"]

    /// Makes the collector.
    package init() {}

    package func plan(for facts: Facts, without refused: Set<String>) -> Plan {
        .steps([Settings.step])
    }

    /// Two settings of cloud providers are no numbers, whatever their type says; `seed` is write-only.
    private static let unreadable: Set<String> = ["seed", "sync_commit_cancel_wait", "google_dataplex.max_messages"]

    package func makeReader(for timing: Timing) -> any Reader {
        SettingsReader()
    }

    package func shortfall(in facts: Facts) -> String? { Settings.shortfall(in: facts) }

    private struct SettingsReader: Reader {
        mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) {
            samples.count(rows: rows.count)
            for row in 0..<rows.count {
                guard let name = rows.text(row, "name"), !PostgresExporterSettings.unreadable.contains(name),
                    let type = rows.text(row, "vartype"), ["bool", "integer", "real"].contains(type),
                    let value = rows.text(row, "setting")
                else { continue }
                guard
                    let (metric, number) = PostgresExporterSettings.sample(
                        name, value, vartype: type, unit: rows.text(row, "unit"))
                else {
                    samples.skip()
                    continue
                }
                samples.declare(metric)
                samples.add(number, to: metric.name)
            }
        }
    }

    /// The family of a setting and its value; nil where that is no number, or its unit is not known.
    static func sample(_ name: String, _ value: String, vartype: String?, unit: String?) -> (Metric, Double)? {
        let plain = "pg_settings_" + name.replacing(".", with: "_").replacing("-", with: "_")
        if vartype == "bool" {
            return (Metric(plain, help: "1 if \(name) is on (pg_settings.setting)"), value == "on" ? 1 : 0)
        }
        // One provider has the unit in the value too.
        let digits = value.prefix { $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }
        guard let number = Double(digits), number.isFinite else { return nil }
        guard let unit, !unit.isEmpty else {
            return (Metric(plain, help: "The setting \(name) (pg_settings.setting)"), number)
        }
        guard let known = SettingUnit(unit) else { return nil }
        let suffix = known.base == .bytes ? "bytes" : "seconds"
        return (
            Metric("\(plain)_\(suffix)", help: "The setting \(name), in \(suffix) (pg_settings.setting)"),
            known.base(number)
        )
    }
}
