private import CLibPQ

/// Takes a session's notices, which libpq would print to standard error.
final class Notices: Sendable {
    private let handler: @Sendable (Notice) -> Void

    init(_ handler: @escaping @Sendable (Notice) -> Void) {
        self.handler = handler
    }

    private func take(_ text: String, _ sqlstate: String?) {
        let text = PostgresError.clean(text)
        if !text.isEmpty { handler(Notice(sqlstate: sqlstate, text: text)) }
    }

    /// Becomes the notice receiver of a connection, which it must outlive.
    @unsafe func attach(to connection: OpaquePointer) {
        unsafe PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let context = unsafe context, let text = unsafe PQresultErrorMessage(result) else { return }
                // PG_DIAG_SQLSTATE, a macro that is not imported.
                let sqlstate = unsafe PQresultErrorField(result, Int32(UInt8(ascii: "C")))
                unsafe Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue().take(
                    String(cString: text), sqlstate.map { unsafe String(cString: $0) })
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
