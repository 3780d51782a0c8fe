/// Writes label values as the exposition format 0.0.4 has them.
enum Label {
    /// Writes `name="value"`.
    @inline(__always)
    @unsafe static func write(_ name: [UInt8], _ value: UnsafeBufferPointer<UInt8>, to out: inout Bump) {
        out.append(name)
        out.need(value.count + 3)
        unsafe out.put(UInt8(ascii: "="))
        unsafe out.put(UInt8(ascii: "\""))
        unsafe writeValue(value, to: &out)
        out.append(UInt8(ascii: "\""))
    }

    /// Writes `name="value"`.
    static func write(_ name: String, _ value: String, to out: inout Bump) {
        var value = value
        value.withUTF8 { unsafe write(Array(name.utf8), $0, to: &out) }
    }

    /// Escapes backslash, quote and line feed, and puts U+FFFD where bytes are not UTF-8.
    @inline(__always)
    @unsafe static func writeValue(_ value: UnsafeBufferPointer<UInt8>, to out: inout Bump) {
        guard let base = value.baseAddress else { return }
        var plain = 0
        while plain < value.count, unsafe isPlain(base[plain]) { plain &+= 1 }
        out.need(value.count)
        unsafe out.put(base, plain)
        if plain < value.count { unsafe writeHard(UnsafeBufferPointer(rebasing: value[plain...]), to: &out) }
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte < 0x80 && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\n")
    }

    @inline(never)
    @unsafe private static func writeHard(_ value: UnsafeBufferPointer<UInt8>, to out: inout Bump) {
        // A byte becomes three at the most.
        out.need(value.count * 3)
        var at = 0
        while at < value.count {
            let byte = unsafe value[at]
            if byte < 0x80 {
                switch byte {
                case UInt8(ascii: "\\"), UInt8(ascii: "\""):
                    unsafe out.put(UInt8(ascii: "\\"))
                    unsafe out.put(byte)
                case UInt8(ascii: "\n"):
                    unsafe out.put(UInt8(ascii: "\\"))
                    unsafe out.put(UInt8(ascii: "n"))
                default:
                    unsafe out.put(byte)
                }
                at += 1
                continue
            }
            let (length, isValid) = unsafe sequence(value, at)
            if isValid {
                for offset in 0..<length { unsafe out.put(value[at + offset]) }
            } else {
                for replacement in [0xEF, 0xBF, 0xBD] as [UInt8] { unsafe out.put(replacement) }
            }
            at += length
        }
    }

    /// The length of the UTF-8 sequence at a place, or of the part that could have begun one and is not valid.
    @unsafe private static func sequence(_ value: UnsafeBufferPointer<UInt8>, _ at: Int) -> (length: Int, isValid: Bool) {
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
