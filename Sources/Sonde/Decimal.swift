/// Where the parts of a decimal stand in its text: `[-]digits[.digits][e±digits]`, which is all that PostgreSQL prints for a finite
/// number.
///
/// Every such text is one of the exposition format too, and no parser finds it beyond a double's range, since it is short and its
/// exponent has two digits.
struct Decimal {
    /// A double has at most 309 digits before its point; beyond this the text is parsed, since it may be out of range.
    static let longest = 200

    /// The digits before the point.
    let whole: Range<Int>
    /// The digits after it.
    let fraction: Range<Int>
    /// The power of ten, nil where none is written.
    let exponent: Int?

    /// Whether it begins with a minus.
    var isNegative: Bool { whole.lowerBound > 0 }

    /// Finds the parts; nil for every other text, and for what a double may not hold.
    @inline(__always)
    @unsafe init?(_ cell: Rows.Cell) {
        let base = unsafe cell.base
        let count = unsafe cell.count
        guard count > 0, count <= Self.longest else { return nil }
        var at = unsafe base[0] == UInt8(ascii: "-") ? 1 : 0
        let first = at
        while at < count, unsafe base[at] &- UInt8(ascii: "0") < 10 { at &+= 1 }
        guard at > first else { return nil }
        unsafe whole = Range(uncheckedBounds: (first, at))
        guard at < count else {
            unsafe fraction = Range(uncheckedBounds: (at, at))
            exponent = nil
            return
        }
        var second = at
        if unsafe base[at] == UInt8(ascii: ".") {
            at &+= 1
            second = at
            while at < count, unsafe base[at] &- UInt8(ascii: "0") < 10 { at &+= 1 }
            guard at > second else { return nil }
        }
        unsafe fraction = Range(uncheckedBounds: (second, at))
        guard at < count else {
            exponent = nil
            return
        }
        // `e`, a sign and two digits, as C prints it.
        guard count &- at == 4, unsafe base[at] == UInt8(ascii: "e") else { return nil }
        let sign = unsafe base[at &+ 1]
        let tens = unsafe base[at &+ 2] &- UInt8(ascii: "0")
        let ones = unsafe base[at &+ 3] &- UInt8(ascii: "0")
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), tens < 10, ones < 10 else { return nil }
        let power = Int(tens) &* 10 &+ Int(ones)
        exponent = sign == UInt8(ascii: "-") ? -power : power
    }
}
