/// Writes label values as the exposition format 0.0.4 has them.
package enum Label {
    /// `name="value"`, as samples have it.
    package static func bytes(_ name: String, _ value: String) -> [UInt8] {
        var text = Bump(capacity: 64)
        write(name, value, to: &text)
        return text.bytes
    }

    /// Writes `name="value"`; the name is in bytes and has `="` after it.
    @inline(__always)
    @unsafe static func write(_ name: [UInt8], _ value: UnsafeBufferPointer<UInt8>, to out: inout Bump) {
        out.append(name)
        unsafe writeValue(value, to: &out)
    }

    /// Writes `name="value"`.
    static func write(_ name: String, _ value: String, to out: inout Bump) {
        out.append(name)
        out.append(#"=""#)
        var value = value
        value.withUTF8 { unsafe writeValue($0, to: &out) }
    }

    /// Writes a value and the quote after it: escapes backslash, quote and line feed, and puts U+FFFD where bytes are not UTF-8,
    /// once for each maximal part of a sequence, as the Unicode standard advises.
    @inline(__always)
    @unsafe private static func writeValue(_ value: UnsafeBufferPointer<UInt8>, to out: inout Bump) {
        out.need(value.count + 1)
        if let base = value.baseAddress {
            var plain = 0
            while plain < value.count, unsafe isPlain(base[plain]) { plain &+= 1 }
            unsafe out.put(base, plain)
            if plain < value.count { unsafe writeHard(UnsafeBufferPointer(rebasing: value[plain...]), to: &out) }
        }
        out.append(UInt8(ascii: "\""))
    }

    /// `true` or `false` for PostgreSQL's `t` and `f`.
    @unsafe static func truth(_ cell: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        guard let first = unsafe cell.first else { return unsafe cell }
        let word: StaticString = first == UInt8(ascii: "t") ? "true" : "false"
        return unsafe UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        // NUL comes from no database, but ends the text for some of those who read it.
        byte < 0x80 && byte != 0 && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "\"")
            && byte != UInt8(ascii: "\n")
    }

    @inline(never)
    @unsafe private static func writeHard(_ value: UnsafeBufferPointer<UInt8>, to out: inout Bump) {
        var at = 0
        while at < value.count {
            // The longest is a sequence of four bytes.
            out.need(4)
            let byte = unsafe value[at]
            let (length, isValid) = unsafe byte < 0x80 ? (1, byte != 0) : sequence(value, at)
            defer { at += length }
            guard isValid else {
                unsafe out.put(0xEF)
                unsafe out.put(0xBF)
                unsafe out.put(0xBD)
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""):
                unsafe out.put(UInt8(ascii: "\\"))
                unsafe out.put(byte)
            case UInt8(ascii: "\n"):
                unsafe out.put(UInt8(ascii: "\\"))
                unsafe out.put(UInt8(ascii: "n"))
            default:
                for offset in 0..<length { unsafe out.put(value[at + offset]) }
            }
        }
    }

    /// The length of the UTF-8 sequence at a place, or of the part that could have begun one and is not valid.
    @unsafe private static func sequence(_ value: UnsafeBufferPointer<UInt8>, _ at: Int) -> (length: Int, isValid: Bool)
    {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch unsafe value[at] {
        case 0xC2...0xDF: length = 2
        case 0xE0:
            length = 3
            second = 0xA0...0xBF
        case 0xED:
            length = 3
            second = 0x80...0x9F
        case 0xE1...0xEF: length = 3
        case 0xF0:
            length = 4
            second = 0x90...0xBF
        case 0xF4:
            length = 4
            second = 0x80...0x8F
        case 0xF1...0xF3: length = 4
        default: return (1, false)
        }
        for offset in 1..<length {
            let range = offset == 1 ? second : 0x80...0xBF
            guard at + offset < value.count, unsafe range.contains(value[at + offset]) else { return (offset, false) }
        }
        return (length, true)
    }
}
