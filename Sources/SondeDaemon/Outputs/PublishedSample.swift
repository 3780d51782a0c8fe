import NIOCore

/// One line of what a collector published, taken apart again for who cannot read the page.
struct PublishedSample: Sendable {
    /// The labels in the order of the line, with their values as the server has them.
    let labels: [(name: String, value: String)]
    let value: Double

    /// The value of a label; nil where the sample does not have it.
    subscript(label: String) -> String? {
        labels.first { $0.name == label }?.value
    }

    /// The samples of one family's text; what is no sample of a finite number is left out.
    static func samples(in text: ByteBuffer) -> [PublishedSample] {
        text.readableBytesView.split(separator: UInt8(ascii: "\n")).compactMap { PublishedSample(Array($0)) }
    }

    /// Reads `name{label="value",…} number`.
    private init?(_ line: [UInt8]) {
        guard var at = line.firstIndex(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: " ") }) else {
            return nil
        }
        var labels: [(name: String, value: String)] = []
        if line[at] == UInt8(ascii: "{") {
            at += 1
            while at < line.count, line[at] != UInt8(ascii: "}") {
                guard let equals = line[at...].firstIndex(of: UInt8(ascii: "=")) else { return nil }
                let name = String(decoding: line[at..<equals], as: UTF8.self)
                at = equals + 2
                guard let value = Self.value(line, &at) else { return nil }
                labels.append((name, value))
                if at < line.count, line[at] == UInt8(ascii: ",") { at += 1 }
            }
            at += 1
        }
        guard at < line.count, line[at] == UInt8(ascii: " "),
            let value = Double(String(decoding: line[(at + 1)...], as: UTF8.self)), value.isFinite
        else { return nil }
        self.labels = labels
        self.value = value
    }

    /// Reads a label's value from behind its first quote, and goes on behind its last.
    private static func value(_ line: [UInt8], _ at: inout Int) -> String? {
        var bytes: [UInt8] = []
        while at < line.count {
            let byte = line[at]
            at += 1
            switch byte {
            case UInt8(ascii: "\""):
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard at < line.count else { return nil }
                bytes.append(line[at] == UInt8(ascii: "n") ? UInt8(ascii: "\n") : line[at])
                at += 1
            default:
                bytes.append(byte)
            }
        }
        return nil
    }
}
