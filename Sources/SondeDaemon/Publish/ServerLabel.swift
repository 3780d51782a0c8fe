import NIOCore
import Sonde

/// The label `server="NAME"`, with which every sample of a server begins where there are several.
struct ServerLabel: Sendable {
    private let text: [UInt8]

    init(_ name: String) {
        text = Label.bytes("server", name)
    }

    /// Takes the label out of finished text.
    ///
    /// It is the first one if it is there, so all that has to be found is the first brace of each line: a name has none.
    func removed(from block: ByteBuffer) -> ByteBuffer {
        var result = ByteBuffer()
        result.reserveCapacity(block.readableBytes)
        unsafe block.withUnsafeReadableBytes { bytes in
            var kept = 0
            var at = 0
            while at < bytes.count {
                let end = unsafe bytes[at...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
                if let brace = unsafe bytes[at..<end].firstIndex(of: UInt8(ascii: "{")),
                    unsafe bytes[(brace + 1)..<end].starts(with: text)
                {
                    let next = brace + 1 + text.count
                    let isOnly = unsafe next < end && bytes[next] == UInt8(ascii: "}")
                    unsafe result.writeBytes(
                        UnsafeRawBufferPointer(rebasing: bytes[kept..<(isOnly ? brace : brace + 1)]))
                    kept = min(next + 1, end)
                }
                at = end
            }
            unsafe result.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[kept...]))
        }
        return result
    }
}
