/// Writes PostgreSQL's text form of a value as a number of the exposition format.
///
/// Decimals pass through digit by digit: nothing is rounded on its way from the server to the page. Units of ten (milliseconds,
/// percent) move the decimal point.
enum Number {
    /// The type oids whose text form is not a decimal.
    enum TypeID {
        static let bool: UInt32 = 16
        static let timestamp: UInt32 = 1_114
        static let timestamptz: UInt32 = 1_184
        static let interval: UInt32 = 1_186
        static let lsn: UInt32 = 3_220
    }

    /// No double has more digits before its point; beyond this a decimal is parsed, since it may be beyond a double's range too.
    private static let longest = 300

    /// Writes a cell, or nothing where it is not a number.
    ///
    /// - Returns: whether it was one.
    @inline(__always)
    @unsafe static func write(_ cell: Rows.Cell, type: UInt32, scale: Unit.Scale, to out: inout Bump) -> Bool {
        switch type {
        case TypeID.bool, TypeID.timestamptz, TypeID.timestamp, TypeID.interval, TypeID.lsn:
            return unsafe writeTyped(UnsafeBufferPointer(start: cell.base, count: cell.count), type: type, to: &out)
        default:
            break
        }
        guard let shape = unsafe Shape(cell) else { return unsafe writeSpecial(cell, scale: scale, to: &out) }
        switch scale {
        case .one:
            out.need(cell.count)
            unsafe out.put(cell.base, cell.count)
        case .decimal(let places):
            unsafe writeShifted(cell, shape, by: places, to: &out)
        case .times(let factor):
            unsafe writeProduct(cell, shape, factor, to: &out)
        }
        return true
    }

    /// Where the digits of a plain decimal stand: `[-]digits[.digits]`.
    private struct Shape {
        var digits: Range<Int>
        var fraction: Range<Int>

        @inline(__always)
        @unsafe init?(_ cell: Rows.Cell) {
            let base = unsafe cell.base
            let count = cell.count
            guard count > 0, count <= Number.longest else { return nil }
            var at = unsafe base[0] == UInt8(ascii: "-") ? 1 : 0
            let first = at
            while at < count, unsafe base[at] &- UInt8(ascii: "0") < 10 { at &+= 1 }
            guard at > first else { return nil }
            digits = first..<at
            fraction = at..<at
            guard at < count else { return }
            guard unsafe base[at] == UInt8(ascii: ".") else { return nil }
            at &+= 1
            let second = at
            while at < count, unsafe base[at] &- UInt8(ascii: "0") < 10 { at &+= 1 }
            guard at == count, at > second else { return nil }
            fraction = second..<at
        }
    }

    /// Moves the decimal point left.
    @unsafe private static func writeShifted(
        _ cell: Rows.Cell, _ shape: Shape, by places: Int, to out: inout Bump
    ) {
        out.need(cell.count + places + 2)
        let start = out.count
        if shape.digits.lowerBound == 1 { unsafe out.put(UInt8(ascii: "-")) }
        let whole = shape.digits.count - places
        let digits = unsafe cell.base + shape.digits.lowerBound
        if whole > 0 {
            unsafe out.put(digits, whole)
        } else {
            unsafe out.put(UInt8(ascii: "0"))
        }
        unsafe out.put(UInt8(ascii: "."))
        for _ in 0..<max(-whole, 0) { unsafe out.put(UInt8(ascii: "0")) }
        let rest = min(places, shape.digits.count)
        unsafe out.put(digits + (shape.digits.count - rest), rest)
        if !shape.fraction.isEmpty { unsafe out.put(cell.base + shape.fraction.lowerBound, shape.fraction.count) }
        trimZeros(&out, from: start)
    }

    /// Takes the zeros off the end of a number with a decimal point, and then the point.
    private static func trimZeros(_ out: inout Bump, from start: Int) {
        var end = out.count
        while end > start + 1, unsafe out.base[end - 1] == UInt8(ascii: "0") { end -= 1 }
        if unsafe out.base[end - 1] == UInt8(ascii: ".") { end -= 1 }
        out.cut(to: end)
    }

    @unsafe private static func writeProduct(
        _ cell: Rows.Cell, _ shape: Shape, _ factor: Int64, to out: inout Bump
    ) {
        let text = unsafe String(decoding: UnsafeBufferPointer(start: cell.base, count: cell.count), as: UTF8.self)
        if shape.fraction.isEmpty, let whole = Int64(text) {
            let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
            if !overflow { return out.append(product) }
        }
        write((parse(text) ?? 0) * Double(factor), to: &out)
    }

    /// What is no plain decimal: exponents, infinities, NaN, numbers beyond the range of a double.
    @unsafe private static func writeSpecial(_ cell: Rows.Cell, scale: Unit.Scale, to out: inout Bump) -> Bool {
        let text = unsafe String(decoding: UnsafeBufferPointer(start: cell.base, count: cell.count), as: UTF8.self)
        guard let value = parse(text) else { return false }
        switch scale {
        case .one: write(value, to: &out)
        case .decimal(let places): write(value / (0..<places).reduce(1.0) { power, _ in power * 10 }, to: &out)
        case .times(let factor): write(value * Double(factor), to: &out)
        }
        return true
    }

    /// Writes a number as the exposition format has it.
    static func write(_ value: Double, to out: inout Bump) {
        if value.isNaN {
            out.append("NaN")
        } else if value.isInfinite {
            out.append(value < 0 ? "-Inf" : "+Inf")
        } else if value == value.rounded(), abs(value) < 1e15 {
            out.append(Int64(value))
        } else {
            out.append(value.description)
        }
    }

    /// Reads what PostgreSQL prints for a number; nil for any other text, hexadecimal and white space included.
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

    private static func writeTyped(_ text: UnsafeBufferPointer<UInt8>, type: UInt32, to out: inout Bump) -> Bool {
        switch type {
        case TypeID.bool:
            guard unsafe text.count == 1 else { return false }
            switch unsafe text[0] {
            case UInt8(ascii: "t"): out.append(UInt8(ascii: "1"))
            case UInt8(ascii: "f"): out.append(UInt8(ascii: "0"))
            default: return false
            }
            return true
        case TypeID.interval:
            guard let value = unsafe Instants.interval(text) else { return false }
            writeMicroseconds(value, to: &out)
            return true
        case TypeID.lsn:
            guard let value = unsafe Instants.lsn(text) else { return false }
            out.append(String(value))
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
            guard let value = unsafe Instants.timestamp(text) else { return false }
            writeMicroseconds(value, to: &out)
            return true
        }
    }

    /// Writes microseconds as seconds, without rounding.
    private static func writeMicroseconds(_ value: Int64, to out: inout Bump) {
        if value < 0 { out.append(UInt8(ascii: "-")) }
        let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        out.append(String(whole))
        guard rest > 0 else { return }
        let start = out.count
        out.append(".")
        let digits = String(rest)
        for _ in digits.utf8.count..<6 { out.append(UInt8(ascii: "0")) }
        out.append(digits)
        trimZeros(&out, from: start)
    }
}
