/// Reads cells as numbers to reckon with, where ``Number`` writes them as they are.
enum Figure {
    private static let powers: [Double] = (0...18).map { power in (0..<power).reduce(1.0) { value, _ in value * 10 } }

    /// A cell's number: a decimal in its own unit, anything else in the base unit; NaN where it is none, or is not finite.
    @inline(__always)
    @unsafe static func read(_ cell: Rows.Cell, isDecimal: Bool, type: UInt32) -> Double {
        if isDecimal, let value = unsafe quick(cell) { return value }
        return unsafe slow(cell, isDecimal: isDecimal, type: type)
    }

    /// A decimal of at most 18 digits and no exponent, to the last bit or the one beside it.
    @inline(__always)
    @unsafe private static func quick(_ cell: Rows.Cell) -> Double? {
        let count = unsafe cell.count
        guard count > 0, count <= 19 else { return nil }
        var at = unsafe cell.base[0] == UInt8(ascii: "-") ? 1 : 0
        let isNegative = at == 1
        var value: Int64 = 0
        var digits = 0
        var point = -1
        while at < count {
            let byte = unsafe cell.base[at]
            let digit = byte &- UInt8(ascii: "0")
            if digit < 10 {
                value = value &* 10 &+ Int64(digit)
                digits &+= 1
            } else if byte == UInt8(ascii: "."), point < 0, digits > 0 {
                point = digits
            } else {
                return nil
            }
            at &+= 1
        }
        guard digits > 0, digits <= 18, point != digits else { return nil }
        let whole = Double(isNegative ? -value : value)
        return point < 0 ? whole : whole / powers[digits - point]
    }

    @inline(never)
    @unsafe private static func slow(_ cell: Rows.Cell, isDecimal: Bool, type: UInt32) -> Double {
        let value: Double?
        if isDecimal {
            value = Number.parse(
                unsafe String(decoding: UnsafeBufferPointer(start: cell.base, count: cell.count), as: UTF8.self))
        } else {
            var text = unsafe Bump(capacity: cell.count + Number.room)
            value = unsafe Number.put(cell, type: type, scale: .one, to: &text) ? Number.parse(text.string) : nil
        }
        guard let value, value.isFinite else { return .nan }
        return value
    }
}
