import Sonde
import SondeCollectors
import SondeTesting
import Testing

@Suite("Settings")
struct SettingsTests {
    static let columns = ["name", "setting", "unit", "vartype", "pending_restart", "shown"].map { Rows.Column($0) }

    static func run(_ rows: [[String?]]) throws -> Rehearsal.Outcome {
        var rehearsal = Rehearsal(Settings())
        return try rehearsal.run([Canned(columns, rows: rows)])
    }

    @Test(
        "go to the family of their unit",
        arguments: [
            (["shared_buffers", "16384", "8kB", "integer"], #"pg_settings_bytes{name="shared_buffers"} 134217728"#),
            (["max_wal_size", "1024", "MB", "integer"], #"pg_settings_bytes{name="max_wal_size"} 1073741824"#),
            (
                ["wal_segment_size", "16777216", "B", "integer"],
                #"pg_settings_bytes{name="wal_segment_size"} 16777216"#
            ),
            (["autovacuum_work_mem", "-1", "kB", "integer"], #"pg_settings_bytes{name="autovacuum_work_mem"} -1"#),
            (["checkpoint_timeout", "300", "s", "integer"], #"pg_settings_seconds{name="checkpoint_timeout"} 300"#),
            (
                ["autovacuum_vacuum_cost_delay", "2", "ms", "real"],
                #"pg_settings_seconds{name="autovacuum_vacuum_cost_delay"} 0.002"#
            ),
            (["log_rotation_age", "1440", "min", "integer"], #"pg_settings_seconds{name="log_rotation_age"} 86400"#),
            (
                ["log_min_duration_statement", "-1", "ms", "integer"],
                #"pg_settings_seconds{name="log_min_duration_statement"} -1"#
            ),
            (["max_connections", "100", nil, "integer"], #"pg_settings_value{name="max_connections"} 100"#),
            (["cpu_operator_cost", "0.0025", nil, "real"], #"pg_settings_value{name="cpu_operator_cost"} 0.0025"#),
            (["jit_above_cost", "1e+06", nil, "real"], #"pg_settings_value{name="jit_above_cost"} 1000000"#),
            (
                ["wal_level", "replica", nil, "enum"],
                #"pg_settings_info{name="wal_level",setting="replica"} 1"#
            ),
            (
                ["synchronous_standby_names", "ANY 1 (a, b)", nil, "string"],
                #"pg_settings_info{name="synchronous_standby_names",setting="ANY 1 (a, b)"} 1"#
            ),
            (["fsync", "on", nil, "bool"], #"pg_settings_enabled{name="fsync"} 1"#),
            (["full_page_writes", "off", nil, "bool"], #"pg_settings_enabled{name="full_page_writes"} 0"#),
        ] as [([String?], String)])
    func families(row: [String?], line: String) throws {
        let outcome = try Self.run([row + ["f", "t"]])
        #expect(outcome.page.split(separator: "\n").last.map(String.init) == line)
        #expect(outcome.counts.series == 1 && outcome.counts.unreadable == 0)
    }

    @Test(
        "that cannot be read are left out and counted, and cost no other",
        arguments: [
            ["azure.size", "12", "PiB", "integer"], ["odd", "(disabled)", nil, "integer"],
            ["odd", "0x10", nil, "integer"],
            ["odd", "nan", nil, "real"], ["odd", "inf", "ms", "real"], ["odd", "", nil, "real"],
            ["odd", "12kB", "kB", "integer"],
            ["odd", "maybe", nil, "bool"], ["odd", nil, nil, "bool"], ["odd", "1e999", nil, "real"],
            ["odd", "1-2", nil, "integer"],
        ] as [[String?]])
    func unreadable(row: [String?]) throws {
        let outcome = try Self.run([row + ["f", "t"], ["max_connections", "100", nil, "integer", "f", "t"]])
        #expect(outcome.page.contains(#"pg_settings_value{name="max_connections"} 100"#))
        #expect(outcome.counts.series == 1)
        #expect(outcome.counts.unreadable == (row[1] == nil ? 0 : 1))
    }

    @Test("that wait for a restart are named, text and lists included, and no text is shown")
    func pending() throws {
        let outcome = try Self.run([
            ["max_connections", "100", nil, "integer", "t", "t"],
            ["shared_preload_libraries", "secret", nil, "string", "t", "f"],
            ["wal_level", "replica", nil, "enum", "t", "f"],
        ])
        let pending = outcome.page.split(separator: "\n").filter { $0.hasPrefix("pg_settings_pending_restart{") }
        #expect(
            pending
                == ["max_connections", "shared_preload_libraries", "wal_level"].map {
                    #"pg_settings_pending_restart{name="\#($0)"} 1"#
                })
        #expect(!outcome.page.contains("secret"))
        #expect(outcome.counts.unreadable == 0)
    }

    @Test("keep the contract")
    func contract() {
        let rows: [[String?]] = [
            ["a", "1", "kB", "integer", "f", "t"], ["b", "1", "s", "integer", "t", "t"],
            ["c", "on", nil, "bool", "f", "t"],
            [#"d"\e"#, "2.5", nil, "real", "f", "t"], ["f", "g", nil, "enum", "f", "t"],
        ]
        #expect(Contract.problems(of: Settings(), on: [Canned(Self.columns, rows: rows)]) == [])
    }

    @Test("of any spelling never trap")
    func fuzz() throws {
        var random = SystemRandomNumberGenerator()
        let settings = [
            "1", "-1", "0", "on", "off", "1e5", "nan", "inf", "-", "", ".", "1.", ".5", "é", "+1", "0x1p3", "1e400",
            "\u{0}",
        ]
        let units = ["kB", "8kB", "ms", "", "x", "é", "99999999999B", "s", "min"]
        let types = ["bool", "integer", "real", "enum", ""]
        let rows: [[String?]] = (0..<5_000).map { number in
            [
                "n\(number)", settings.randomElement(using: &random), units.randomElement(using: &random),
                types.randomElement(using: &random), "f", "t",
            ]
        }
        let outcome = try Self.run(rows)
        #expect(outcome.counts.series + outcome.counts.unreadable == rows.count)
        #expect(!outcome.page.contains("NaN") && !outcome.page.contains("Inf"))
    }
}
