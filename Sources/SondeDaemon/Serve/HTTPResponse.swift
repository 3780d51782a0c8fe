import NIOCore
import NIOHTTP1

/// An answer.
///
/// The connection adds what is its own: `Connection`, `Content-Length`, `Date`.
struct HTTPResponse: Sendable {
    var status: HTTPResponseStatus
    var contentType: String
    /// Further headers; one whose name or value would break the head is left out.
    var headers: HTTPHeaders
    /// The body, piece by piece, each of which is written only when the client has taken nearly all before it.
    ///
    /// The answer to a `HEAD` request has the body that `GET` would have: it is counted and not sent.
    var body: [ByteBuffer]

    init(
        status: HTTPResponseStatus = .ok, contentType: String, headers: HTTPHeaders = [:],
        body: [ByteBuffer]
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// A line of plain text.
    static func text(
        _ status: HTTPResponseStatus, _ text: String, headers: HTTPHeaders = [:]
    ) -> HTTPResponse {
        HTTPResponse(
            status: status, contentType: "text/plain; charset=utf-8", headers: headers,
            body: [ByteBuffer(string: text + "\n")])
    }

    /// The number of bytes of the body.
    var length: Int {
        body.reduce(0) { $0 + $1.readableBytes }
    }

    /// The status line and the headers as they are sent, with a `Connection` header unless it is nil.
    func head(date: String, connection: String?) -> ByteBuffer {
        var head = ByteBuffer()
        head.reserveCapacity(256)
        head.writeString("HTTP/1.1 \(status.code) \(Self.isSafe(status.reasonPhrase) ? status.reasonPhrase : "")\r\n")
        var all: HTTPHeaders = ["Content-Type": contentType, "Content-Length": String(length), "Date": date]
        if let connection { all.add(name: "Connection", value: connection) }
        all.add(contentsOf: headers)
        for header in all where Self.isSafe(header.name) && Self.isSafe(header.value) {
            head.writeString("\(header.name): \(header.value)\r\n")
        }
        head.writeString("\r\n")
        return head
    }

    /// Whether a text can stand in a head without ending its line.
    private static func isSafe(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
