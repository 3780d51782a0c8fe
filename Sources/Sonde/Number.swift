/// Writes PostgreSQL's text form of a value as a number of the exposition format.
///
/// Decimals pass through digit by digit: nothing is rounded on its way from the server to the page. Units of ten (milliseconds,
/// percent) move the decimal point. What a double cannot hold becomes an infinity, for a reader of the page would refuse all of it.
enum Number {
    /// The type oids whose text form is not a decimal.
    enum TypeID {
        static let bool: UInt32 = 16
        static let date: UInt32 = 1_082
        static let timestamp: UInt32 = 1_114
        static let timestamptz: UInt32 = 1_184
        static let interval: UInt32 = 1_186
        static let lsn: UInt32 = 3_220
    }

    /// Whether cells of a type are true or false.
    static func isTruth(_ type: UInt32) -> Bool { type == TypeID.bool }

    /// The room that a number takes beyond the bytes of its cell, whatever the cell's type and the unit.
    static let room = 40

    /// Whether cells of a type are decimals.
    static func isDecimal(_ type: UInt32) -> Bool {
        switch type {
        case TypeID.bool, TypeID.date, TypeID.timestamptz, TypeID.timestamp, TypeID.interval, TypeID.lsn: false
        default: true
        }
    }

    /// Writes a cell, or nothing where it is not a number; needs the cell's bytes and ``room``.
    ///
    /// - Returns: whether it was one.
    @unsafe static func put(_ cell: Rows.Cell, type: UInt32, scale: Unit.Scale, to out: inout Bump) -> Bool {
        guard isDecimal(type) else { return unsafe putTyped(cell, type: type, to: &out) }
        switch scale {
        case .one:
            return unsafe put(cell, to: &out)
        case .decimal(let places):
            guard let decimal = unsafe Decimal(cell) else { return unsafe putSpecial(cell, scale, to: &out) }
            unsafe putShifted(cell, decimal, by: places, to: &out)
            return true
        case .times(let factor):
            guard let product = unsafe whole(cell)?.multipliedReportingOverflow(by: factor), !product.overflow else {
                return unsafe putSpecial(cell, scale, to: &out)
            }
            unsafe put(product.partialValue, to: &out)
            return true
        }
    }

    /// Writes a cell that is a number in its base unit already; needs the cell's bytes and ``room``.
    ///
    /// - Returns: whether it was one.
    @inline(__always)
    @unsafe static func put(_ cell: Rows.Cell, to out: inout Bump) -> Bool {
        guard unsafe Decimal(cell) != nil else { return unsafe putSpecial(cell, .one, to: &out) }
        unsafe out.put(cell.base, cell.count)
        return true
    }

    /// Moves the decimal point left, or takes from the exponent.
    @unsafe private static func putShifted(_ cell: Rows.Cell, _ decimal: Decimal, by places: Int, to out: inout Bump) {
        if let exponent = decimal.exponent {
            unsafe out.put(cell.base, decimal.fraction.upperBound)
            unsafe out.put(UInt8(ascii: "e"))
            return unsafe put(Int64(exponent - places), to: &out)
        }
        let start = out.count
        if decimal.isNegative { unsafe out.put(UInt8(ascii: "-")) }
        let digits = unsafe cell.base + decimal.whole.lowerBound
        let left = max(decimal.whole.count - places, 0)
        if left > 0 {
            unsafe out.put(digits, left)
        } else {
            unsafe out.put(UInt8(ascii: "0"))
        }
        unsafe out.put(UInt8(ascii: "."))
        for _ in 0..<max(places - decimal.whole.count, 0) { unsafe out.put(UInt8(ascii: "0")) }
        unsafe out.put(digits + left, decimal.whole.count - left)
        unsafe out.put(cell.base + decimal.fraction.lowerBound, decimal.fraction.count)
        trimZeros(&out, from: start)
    }

    /// Takes the zeros off the end of a number with a decimal point, and then the point.
    private static func trimZeros(_ out: inout Bump, from start: Int) {
        var end = out.count
        while end > start + 1, unsafe out.base[end - 1] == UInt8(ascii: "0") { end -= 1 }
        if unsafe out.base[end - 1] == UInt8(ascii: ".") { end -= 1 }
        out.cut(to: end)
    }

    /// A cell as an integer; nil where it is none, or has more digits than surely fit.
    @unsafe private static func whole(_ cell: Rows.Cell) -> Int64? {
        guard let decimal = unsafe Decimal(cell), decimal.exponent == nil, decimal.fraction.isEmpty,
            decimal.whole.count <= 18
        else { return nil }
        var value: Int64 = 0
        for at in decimal.whole { value = unsafe value * 10 + Int64(cell.base[at] - UInt8(ascii: "0")) }
        return decimal.isNegative ? -value : value
    }

    /// What does not pass as it is: infinities, NaN, products, numbers that may be beyond the range of a double.
    @inline(never)
    @unsafe private static func putSpecial(_ cell: Rows.Cell, _ scale: Unit.Scale, to out: inout Bump) -> Bool {
        let text = unsafe String(decoding: UnsafeBufferPointer(start: cell.base, count: cell.count), as: UTF8.self)
        guard let value = parse(text) else { return false }
        unsafe put(scale.base(value), to: &out)
        return true
    }

    /// Writes a number as the exposition format has it; needs ``room``.
    @unsafe static func put(_ value: Double, to out: inout Bump) {
        if value.isNaN {
            out.append("NaN")
        } else if value.isInfinite {
            out.append(value < 0 ? "-Inf" : "+Inf")
        } else if let whole = Int64(exactly: value), whole.magnitude <= 1 << 53 {
            unsafe put(whole, to: &out)
        } else {
            out.append(value.description)
        }
    }

    @unsafe private static func put(_ value: Int64, to out: inout Bump) {
        if value < 0 { unsafe out.put(UInt8(ascii: "-")) }
        unsafe out.putDigits(UInt64(value.magnitude))
    }

    /// Reads what PostgreSQL prints for a number; nil for any other text, hexadecimal and white space included.
    ///
    /// What is beyond the range of a double is an infinity or zero.
    static func parse(_ text: String) -> Double? {
        switch text {
        case "NaN": return .nan
        case "Infinity", "+Inf": return .infinity
        case "-Infinity", "-Inf": return -.infinity
        default: break
        }
        let allowed = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
        }
        return allowed ? Double(text) : nil
    }

    @inline(never)
    @unsafe private static func putTyped(_ cell: Rows.Cell, type: UInt32, to out: inout Bump) -> Bool {
        let text = unsafe UnsafeBufferPointer(start: cell.base, count: cell.count)
        switch type {
        case TypeID.bool:
            guard text.count == 1 else { return false }
            switch unsafe text[0] {
            case UInt8(ascii: "t"): unsafe out.put(UInt8(ascii: "1"))
            case UInt8(ascii: "f"): unsafe out.put(UInt8(ascii: "0"))
            default: return false
            }
            return true
        case TypeID.lsn:
            guard let value = unsafe Instants.lsn(text) else { return false }
            unsafe out.putDigits(value)
            return true
        default:
            if unsafe text.elementsEqual("infinity".utf8) {
                out.append("+Inf")
                return true
            }
            if unsafe text.elementsEqual("-infinity".utf8) {
                out.append("-Inf")
                return true
            }
            let value = unsafe type == TypeID.interval ? Instants.interval(text) : Instants.timestamp(text)
            guard let value else { return false }
            unsafe putMicroseconds(value, to: &out)
            return true
        }
    }

    /// Writes microseconds as seconds, without rounding.
    @unsafe private static func putMicroseconds(_ value: Int64, to out: inout Bump) {
        let start = out.count
        if value < 0 { unsafe out.put(UInt8(ascii: "-")) }
        let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        unsafe out.putDigits(UInt64(whole))
        guard rest > 0 else { return }
        unsafe out.put(UInt8(ascii: "."))
        var place: UInt64 = 100_000
        while place > rest {
            unsafe out.put(UInt8(ascii: "0"))
            place /= 10
        }
        unsafe out.putDigits(UInt64(rest))
        trimZeros(&out, from: start)
    }
}
