/// Reads the text forms that PostgreSQL gives under `DateStyle=ISO`, `IntervalStyle=iso_8601`, `TimeZone=UTC`.
enum Instants {
    /// `2026-11-22 12:58:38.123456+00` as microseconds since 1970.
    ///
    /// - Returns: nil for another form, years before our era among them.
    static func timestamp(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        var at = 0
        guard let year = unsafe digits(text, &at), unsafe take(text, &at, "-"), let month = unsafe digits(text, &at),
            unsafe take(text, &at, "-"), let day = unsafe digits(text, &at), unsafe take(text, &at, " "),
            let hour = unsafe digits(text, &at), unsafe take(text, &at, ":"), let minute = unsafe digits(text, &at),
            unsafe take(text, &at, ":"), let second = unsafe digits(text, &at), (1...12).contains(month), year < 300_000
        else { return nil }
        let fraction = unsafe fraction(text, &at)
        var offset: Int64 = 0
        if unsafe at < text.count {
            let west = unsafe text[at] == UInt8(ascii: "-")
            guard west || unsafe text[at] == UInt8(ascii: "+") else { return nil }
            at += 1
            guard let hours = unsafe digits(text, &at) else { return nil }
            offset = hours * 3_600
            if unsafe take(text, &at, ":"), let minutes = unsafe digits(text, &at) { offset += minutes * 60 }
            if unsafe take(text, &at, ":"), let seconds = unsafe digits(text, &at) { offset += seconds }
            if west { offset = -offset }
        }
        guard unsafe at == text.count else { return nil }
        let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
        return seconds * 1_000_000 + fraction
    }

    /// `P1Y2M3DT4H5M6.789S` as microseconds; a month has 30 days and a year 365.25, as `extract(epoch …)` has it.
    static func interval(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        var at = 0
        guard unsafe take(text, &at, "P") else { return nil }
        var total: Int64 = 0
        var isTime = false
        while unsafe at < text.count {
            if unsafe take(text, &at, "T") {
                isTime = true
                continue
            }
            let negative = unsafe take(text, &at, "-")
            guard let whole = unsafe digits(text, &at), whole < 100_000_000_000 else { return nil }
            let part = unsafe fraction(text, &at)
            guard unsafe at < text.count else { return nil }
            let unit: Int64
            switch unsafe (text[at], isTime) {
            case (UInt8(ascii: "Y"), false): unit = 31_557_600
            case (UInt8(ascii: "M"), false): unit = 2_592_000
            case (UInt8(ascii: "D"), false): unit = 86_400
            case (UInt8(ascii: "H"), true): unit = 3_600
            case (UInt8(ascii: "M"), true): unit = 60
            case (UInt8(ascii: "S"), true): unit = 1
            default: return nil
            }
            at += 1
            let (seconds, overflow) = whole.multipliedReportingOverflow(by: unit * 1_000_000)
            guard !overflow else { return nil }
            let (sum, tooLong) = total.addingReportingOverflow((seconds + part) * (negative ? -1 : 1))
            guard !tooLong else { return nil }
            total = sum
        }
        return total
    }

    /// `16/B374D848` as a number of bytes.
    static func lsn(_ text: UnsafeBufferPointer<UInt8>) -> UInt64? {
        var halves: (UInt64, UInt64?) = (0, nil)
        var count = 0
        for unsafe byte in unsafe text {
            let digit: UInt64
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = UInt64(byte - UInt8(ascii: "A")) + 10
            case UInt8(ascii: "/") where count > 0 && halves.1 == nil:
                halves.1 = 0
                count = 0
                continue
            default: return nil
            }
            count += 1
            guard count <= 8 else { return nil }
            if let low = halves.1 { halves.1 = low << 4 | digit } else { halves.0 = halves.0 << 4 | digit }
        }
        guard count > 0, let low = halves.1 else { return nil }
        return halves.0 << 32 | low
    }

    /// Days since 1970-01-01 of a date of the Gregorian calendar.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        // Counted from the first of March, so that the leap day is the last of its year.
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }

    @unsafe private static func digits(_ text: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Int64? {
        var value: Int64 = 0
        let start = at
        while unsafe at < text.count, unsafe text[at] &- UInt8(ascii: "0") < 10, at - start < 18 {
            value = unsafe value * 10 + Int64(text[at] - UInt8(ascii: "0"))
            at += 1
        }
        return at > start ? value : nil
    }

    /// A fraction of a second in microseconds, which is all the digits that PostgreSQL prints.
    @unsafe private static func fraction(_ text: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Int64 {
        guard unsafe take(text, &at, ".") else { return 0 }
        var value: Int64 = 0
        var place: Int64 = 100_000
        while unsafe at < text.count, unsafe text[at] &- UInt8(ascii: "0") < 10 {
            value += unsafe Int64(text[at] - UInt8(ascii: "0")) * place
            place /= 10
            at += 1
        }
        return value
    }

    @unsafe private static func take(_ text: UnsafeBufferPointer<UInt8>, _ at: inout Int, _ byte: Unicode.Scalar) -> Bool {
        guard unsafe at < text.count, unsafe text[at] == UInt8(ascii: byte) else { return false }
        at += 1
        return true
    }
}
