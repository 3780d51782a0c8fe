/// Goes through a cell's bytes, one part of a date or of an interval at a time.
@safe struct Scanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    /// Begins at the first byte; the bytes must outlive the scanner.
    @unsafe init(_ bytes: UnsafeBufferPointer<UInt8>) {
        unsafe self.bytes = bytes
    }

    var isAtEnd: Bool { unsafe at >= bytes.count }

    /// Takes the next byte; nil at the end.
    mutating func next() -> UInt8? {
        guard !isAtEnd else { return nil }
        defer { at += 1 }
        return unsafe bytes[at]
    }

    /// Takes the next byte if it is this one.
    mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard !isAtEnd, unsafe bytes[at] == UInt8(ascii: byte) else { return false }
        at += 1
        return true
    }

    /// Takes a whole number; nil where there is no digit, or where it is larger than the bound.
    mutating func digits(upTo bound: Int64) -> Int64? {
        var value: Int64 = 0
        let start = at
        while let digit = peek(below: 10) {
            value = value * 10 + Int64(digit)
            guard value <= bound else { return nil }
            at += 1
        }
        return at > start ? value : nil
    }

    /// Takes a point and the digits after it as millionths; 0 where there is no point, nil where no digit follows it.
    ///
    /// PostgreSQL prints six digits at the most; further ones are cut off.
    mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        var value: Int64 = 0
        var place: Int64 = 100_000
        let start = at
        while let digit = peek(below: 10) {
            value += Int64(digit) * place
            place /= 10
            at += 1
        }
        return at > start ? value : nil
    }

    /// Takes one to eight hexadecimal digits, as PostgreSQL prints half a WAL position.
    mutating func hexadecimal() -> UInt64? {
        var value: UInt64 = 0
        let start = at
        while at - start < 8, let digit = peek(below: 16) {
            value = value << 4 | UInt64(digit)
            at += 1
        }
        return at > start ? value : nil
    }

    private func peek(below base: UInt8) -> UInt8? {
        guard !isAtEnd else { return nil }
        let byte = unsafe bytes[at]
        let digit =
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
            default: UInt8.max
            }
        return digit < base ? digit : nil
    }
}
