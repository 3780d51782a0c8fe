import NIOCore

/// One metric as FFWD takes it: a JSON object, which is a whole datagram.
struct FFWDMessage: Sendable {
    /// The most bytes of a datagram: what passes a common network in one piece.
    static let largest = 1_400

    let key: String
    let value: Double
    /// Milliseconds since 1970.
    let time: Int64
    /// The host that the number is about.
    let host: String
    /// `what` and `unit` among them, in the order in which they are written.
    let attributes: [(name: String, value: String)]

    /// The object, in one line.
    var json: String {
        let attributes = attributes.map { "\(JSON.quoted($0.name)):\(JSON.quoted($0.value))" }.joined(separator: ",")
        return """
            {"type":"metric","key":\(JSON.quoted(key)),"value":\(JSON.plain(value)),"time":\(time),\
            "host":\(JSON.quoted(host)),"attributes":{\(attributes)}}
            """
    }

    /// The datagram; nil where it would be too large.
    var datagram: ByteBuffer? {
        let json = json
        return json.utf8.count <= Self.largest ? ByteBuffer(string: json) : nil
    }
}
