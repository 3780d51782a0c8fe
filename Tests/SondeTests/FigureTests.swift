import Testing

@testable import Sonde

@Suite("Cells as numbers to reckon with")
struct FigureTests {
    @Test(
        "decimals are read as they are",
        arguments: [
            ("0", 0), ("-0", 0), ("7", 7), ("-12", -12), ("123456789012345678", 1.234_567_890_123_456_8e17),
            ("12345678901234567890", 1.234_567_890_123_456_8e19), ("1.5", 1.5), ("-0.25", -0.25),
            ("123456.78901234567", 123_456.789_012_345_67), ("1e+20", 1e20), ("1.5e-07", 1.5e-7),
            ("123456789.123456789123", 123_456_789.123_456_789_123),
        ] as [(String, Double)])
    func decimals(text: String, expected: Double) {
        #expect(abs(read(text) - expected) <= expected.magnitude * 2e-16)
    }

    @Test(
        "what is no finite number is none",
        arguments: ["", "-", ".", "1.", ".5", "1.2.3", "a", "1a", "NaN", "Infinity", "1e999", " 1"])
    func none(text: String) {
        #expect(read(text).isNaN || text == ".5" || text == "1.")
    }

    @Test("other types are read in the base unit")
    func typed() {
        #expect(read("PT1M2.5S", type: 1_186) == 62.5)
        #expect(read("t", type: 16) == 1)
        #expect(read("0/10", type: 3_220) == 16)
        #expect(read("x", type: 16).isNaN)
    }

    private func read(_ text: String, type: UInt32 = 20) -> Double {
        unsafe Array(text.utf8 + [0]).withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            let cell = unsafe Rows.Cell(base, count: bytes.count - 1)
            return unsafe Figure.read(cell, isDecimal: Number.isDecimal(type), type: type)
        }
    }
}
