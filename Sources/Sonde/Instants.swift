/// Reads the text forms that PostgreSQL gives under `DateStyle=ISO`, `IntervalStyle=iso_8601`, `TimeZone=UTC`.
///
/// Every form that is not exactly so is nil, and so is what 64 bits of microseconds cannot hold.
enum Instants {
    /// `2026-11-22 12:58:38.123456+00` as microseconds since 1970; a date alone is its midnight.
    ///
    /// - Returns: nil for another form, and outside the years 1 to 294246.
    static func timestamp(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        var text = unsafe Scanner(bytes)
        guard let year = text.digits(upTo: 294_246), year > 0, text.take("-"), let month = text.digits(upTo: 12),
            month > 0,
            text.take("-"), let day = text.digits(upTo: 31), day > 0
        else { return nil }
        let midnight = days(year, month, day) * 86_400
        guard !text.isAtEnd else { return midnight * 1_000_000 }
        guard text.take(" "), let hour = text.digits(upTo: 24), text.take(":"), let minute = text.digits(upTo: 59),
            text.take(":"), let second = text.digits(upTo: 60), let fraction = text.fraction()
        else { return nil }
        var offset: Int64 = 0
        if !text.isAtEnd {
            let isWest = text.take("-")
            guard isWest || text.take("+"), let hours = text.digits(upTo: 24) else { return nil }
            offset = hours * 3_600
            if text.take(":") {
                guard let minutes = text.digits(upTo: 59) else { return nil }
                offset += minutes * 60
                if text.take(":") {
                    guard let seconds = text.digits(upTo: 59) else { return nil }
                    offset += seconds
                }
            }
            if isWest { offset = -offset }
        }
        guard text.isAtEnd else { return nil }
        return (midnight + hour * 3_600 + minute * 60 + second - offset) * 1_000_000 + fraction
    }

    /// `P1Y2M3DT4H5M6.789S` as microseconds; each part has a sign of its own, a month has 30 days and a year 365.25, as
    /// `extract(epoch …)` has it.
    static func interval(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        var text = unsafe Scanner(bytes)
        guard text.take("P"), !text.isAtEnd else { return nil }
        var total: Int64 = 0
        var isTime = false
        repeat {
            if !isTime, text.take("T") { isTime = true }
            let isNegative = text.take("-")
            guard let whole = text.digits(upTo: 10_000_000_000), let part = text.fraction() else { return nil }
            let unit: Int64
            switch (text.next(), isTime) {
            case (UInt8(ascii: "Y"), false): unit = 31_557_600
            case (UInt8(ascii: "M"), false): unit = 2_592_000
            case (UInt8(ascii: "D"), false): unit = 86_400
            case (UInt8(ascii: "H"), true): unit = 3_600
            case (UInt8(ascii: "M"), true): unit = 60
            case (UInt8(ascii: "S"), true): unit = 1
            default: return nil
            }
            guard part == 0 || unit == 1 else { return nil }
            let (micros, isTooMuch) = whole.multipliedReportingOverflow(by: unit * 1_000_000)
            // The part is below a second, the bound on the digits far below what is lost here.
            guard !isTooMuch, micros <= .max - part else { return nil }
            let (sum, isTooLong) = total.addingReportingOverflow(isNegative ? -(micros + part) : micros + part)
            guard !isTooLong else { return nil }
            total = sum
        } while !text.isAtEnd
        return total
    }

    /// `16/B374D848` as a number of bytes.
    static func lsn(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64? {
        var text = unsafe Scanner(bytes)
        guard let high = text.hexadecimal(), text.take("/"), let low = text.hexadecimal(), text.isAtEnd else {
            return nil
        }
        return high << 32 | low
    }

    /// Days since 1970-01-01 of a date of the Gregorian calendar.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        // Counted from the first of March, so that the leap day is the last of its year.
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
