import Sonde
import Testing

@Suite("Numbers")
struct NumberTests {
    private static let digits = String(repeating: "7", count: 199)

    @Test(
        "a decimal passes through untouched",
        arguments: [
            "0", "-0", "1", "-1", "007", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "0.1",
            "-0.000000000000000000000000000000000001", "3.14159265358979323846264338327950288419716939937510",
            "1.50", "1e+20", "1.5e-07", "-2.5e+99", "1e-05", digits,
        ])
    func passesThrough(_ cell: String) throws {
        #expect(try rendered(cell) == cell)
        #expect(try rendered(cell, type: 1_700) == cell)
        #expect(try rendered(cell, type: 701, in: .seconds) == cell)
    }

    @Test(
        "what is written in another way is written as a decimal",
        arguments: [
            (".5", "0.5"), ("-.5", "-0.5"), ("5.", "5"), ("+5", "5"), ("1e5", "100000"), ("1E+05", "100000"),
            ("1e+100", "1e+100"), ("2.5e-300", "2.5e-300"), ("Infinity", "+Inf"), ("-Infinity", "-Inf"),
            ("+Inf", "+Inf"), ("-Inf", "-Inf"), ("NaN", "NaN"),
        ])
    func isRewritten(cell: String, expected: String) throws {
        #expect(try rendered(cell, type: 701) == expected)
    }

    @Test(
        "what a double cannot hold is infinite or the nearest double",
        arguments: [
            ("1e400", "+Inf"), ("-1e400", "-Inf"), ("1e-400", "0"), (String(repeating: "9", count: 1_000), "+Inf"),
            ("-" + String(repeating: "9", count: 400) + ".5", "-Inf"),
            ("1" + String(repeating: "0", count: 308), "1e+308"),
            ("0." + String(repeating: "3", count: 1_000), "0.3333333333333333"),
            ("12." + String(repeating: "0", count: 500), "12"), ("1.7976931348623159e+308", "+Inf"),
        ])
    func isInRange(cell: String, expected: String) throws {
        #expect(try rendered(cell, type: 1_700) == expected)
    }

    @Test(
        "what is no number is left out and counted",
        arguments: [
            "", " ", "1 ", " 1", "1\n", "0x10", "0X1p3", "1_000", "1,5", "--1", "+-1", "-", "+", ".", "-.", "e5", "1e",
            "1e+",
            "1.2.3", "nan", "inf", "infinity", "t", "true", "abc", "１", "1e5e5", "1-1",
        ])
    func isNoNumber(_ cell: String) throws {
        #expect(try rendered(cell) == nil)
        #expect(try rendered(cell, in: .milliseconds) == nil)
        #expect(try rendered(cell, in: .pages) == nil)
    }

    @Test(
        "milliseconds move the decimal point by three",
        arguments: [
            ("0", "0"), ("1", "0.001"), ("12", "0.012"), ("123", "0.123"), ("1234", "1.234"), ("1000", "1"),
            ("1500", "1.5"),
            ("-1", "-0.001"), ("-1234.5", "-1.2345"), ("0.5", "0.0005"), ("0.000", "0"), ("12.500", "0.0125"),
            ("100000", "100"), ("9223372036854775807", "9223372036854775.807"), ("007", "0.007"), ("1e-05", "1e-8"),
            ("2.5e+20", "2.5e17"), ("1e+00", "1e-3"), ("Infinity", "+Inf"), ("NaN", "NaN"), (".5", "0.0005"),
            ("1e400", "+Inf"), (digits, String(digits.dropLast(3)) + ".777"),
        ])
    func shiftsByThree(cell: String, expected: String) throws {
        #expect(try rendered(cell, in: .milliseconds) == expected)
    }

    @Test(
        "microseconds move the decimal point by six, percent by two",
        arguments: [
            ("1", Unit.microseconds, "0.000001"), ("1234567", .microseconds, "1.234567"),
            ("10000000", .microseconds, "10"),
            ("97.50", .percent, "0.975"), ("100", .percent, "1"), ("5", .percent, "0.05"),
        ])
    func shifts(cell: String, unit: Unit, expected: String) throws {
        #expect(try rendered(cell, in: unit) == expected)
    }

    @Test(
        "minutes, kilobytes, megabytes and pages are multiplied",
        arguments: [
            ("2", Unit.minutes, "120"), ("-1", .kilobytes, "-1024"), ("3", .megabytes, "3145728"),
            ("16384", .pages, "134217728"),
            ("0.5", .pages, "4096"), ("1e+03", .kilobytes, "1024000"),
            ("123456789012345678", .minutes, "7407407340740740680"),
            ("9223372036854775807", .pages, "7.555786372591432e+22"), ("999999999999999999", .pages, "8.192e+21"),
            ("NaN", .pages, "NaN"), ("1e308", .pages, "+Inf"), ("-0", .pages, "0"),
        ])
    func multiplies(cell: String, unit: Unit, expected: String) throws {
        #expect(try rendered(cell, in: unit) == expected)
    }

    @Test(
        "types other than numbers are read by their text",
        arguments: [
            (16, "t", "1"), (16, "f", "0"), (16, "true", nil), (16, "", nil), (16, "1", nil),
            (3_220, "0/0", "0"), (3_220, "16/B374D848", "97500059720"),
            (3_220, "FFFFFFFF/FFFFFFFF", "18446744073709551615"),
            (3_220, "1/", nil), (3_220, "/1", nil), (3_220, "1/2/3", nil), (3_220, "100000000/0", nil),
            (3_220, "G/0", nil),
        ] as [(UInt32, String, String?)])
    func typed(type: UInt32, cell: String, expected: String?) throws {
        #expect(try rendered(cell, type: type) == expected)
    }

    @Test(
        "timestamps are seconds since 1970",
        arguments: [
            ("1970-01-01 00:00:00+00", "0"), ("2026-11-22 12:58:38.123456+00", "1795352318.123456"),
            ("2026-11-22 12:58:38.5", "1795352318.5"), ("2000-02-29 23:59:59+00", "951868799"),
            ("1900-03-01 00:00:00+00", "-2203891200"), ("1969-12-31 23:59:59.75+00", "-0.25"),
            ("0001-01-01 00:00:00+00", "-62135596800"),
            ("2026-11-22 13:58:38+01", "1795352318"), ("2026-11-22 07:28:38-05:30", "1795352318"),
            ("2026-11-22", "1795305600"), ("infinity", "+Inf"), ("-infinity", "-Inf"),
            ("294246-12-31 23:59:59.999999+00", "9223371244799.999999"),
            ("294276-12-31 23:59:59.999999+00", nil), ("0044-03-15 12:00:00+00 BC", nil),
            ("2026-13-01 00:00:00+00", nil),
            ("2026-00-01 00:00:00+00", nil), ("2026-11-22 99:00:00+00", nil), ("2026-11-22T12:58:38Z", nil),
            ("2026-11-22 12:58:38.+00", nil), ("2026-11-22 12:58:38+", nil), ("22.11.2026 12:58:38", nil), ("", nil),
            ("0", nil),
            ("999999999999999999-01-01 00:00:00", nil), ("2026-11-22 999999999999999999:00:00", nil),
        ] as [(String, String?)])
    func timestamps(cell: String, expected: String?) throws {
        #expect(try rendered(cell, type: 1_184, in: .timestamp) == expected)
        #expect(try rendered(cell, type: 1_114, in: .timestamp) == expected)
    }

    @Test(
        "intervals are seconds, each part with its own sign",
        arguments: [
            ("PT0S", "0"), ("PT1M30.5S", "90.5"), ("P1D", "86400"), ("P1Y2M3DT4H5M6.789S", "37015506.789"),
            ("P1DT-2H", "79200"), ("P-1DT2H", "-79200"), ("PT-0.5S", "-0.5"), ("PT-0.000001S", "-0.000001"),
            ("P-1Y-2M3DT-4H-5M-6.5S", "-36497106.5"),
            ("P1M", "2592000"), ("PT1M", "60"), ("infinity", "+Inf"), ("-infinity", "-Inf"),
            ("P200000Y", "6311520000000"), ("P178000000Y", nil), ("", nil), ("P", nil), ("PT", nil), ("P1", nil),
            ("1D", nil), ("P1DT", nil),
            ("P1X", nil), ("PT1D", nil), ("P1H", nil), ("P1.5D", nil), ("01:02:03", nil), ("P99999999999Y", nil),
            ("PT9999999999999999999S", nil), ("P9999999999YT1S", nil),
        ] as [(String, String?)])
    func intervals(cell: String, expected: String?) throws {
        #expect(try rendered(cell, type: 1_186, in: .seconds) == expected)
    }

    @Test(
        "a sample added in code is a number of the format",
        arguments: [
            (0.0, "0"), (-0.0, "0"), (1, "1"), (-17, "-17"), (0.1, "0.1"), (1e15, "1000000000000000"),
            (9_007_199_254_740_992, "9007199254740992"), (1e17, "1e+17"), (123_456_789_012_345, "123456789012345"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
            (.leastNonzeroMagnitude, "5e-324"), (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
        ] as [(Double, String)])
    func doubles(value: Double, expected: String) throws {
        var samples = Samples(metrics: [Metric("m", help: "A metric.")])
        samples.add(value, to: "m")
        #expect(samples.string(of: 0) == "m \(expected)\n")
        #expect(try ExpositionParser.samples(in: samples.string(of: 0).utf8).count == 1)
    }

    @Test(
        "a cell can be read as a number by collectors in code",
        arguments: [
            ("1.5", 701, 1.5), ("t", 16, 1), ("PT1M", 1_186, 60), ("0/10", 3_220, 16), ("Infinity", 701, .infinity),
            ("1970-01-01 00:00:01+00", 1_184, 1), ("x", 25, nil), (nil, 20, nil),
        ] as [(String?, UInt32, Double?)])
    func readsCells(cell: String?, type: UInt32, expected: Double?) {
        let rows = Rows(columns: [Rows.Column("a", type: type)], texts: [[cell]])
        #expect(rows.number(0, "a") == expected)
        #expect(rows.number(1, "a") == nil)
        #expect(rows.number(-1, "a") == nil)
        #expect(rows.number(0, "b") == nil)
    }
}
