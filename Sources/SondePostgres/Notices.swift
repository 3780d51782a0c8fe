private import CLibPQ

/// Takes a session's notices, which libpq would print to standard error.
final class Notices: Sendable {
    private let handler: @Sendable (String) -> Void

    init(_ handler: @escaping @Sendable (String) -> Void) {
        self.handler = handler
    }

    func take(_ text: String) {
        let text = PostgresError.clean(text)
        if !text.isEmpty { handler(text) }
    }

    /// Becomes the notice processor of a connection, which it must outlive.
    @unsafe func attach(to connection: OpaquePointer) {
        unsafe PQsetNoticeProcessor(
            connection,
            { context, text in
                guard let context = unsafe context, let text = unsafe text else { return }
                unsafe Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue().take(String(cString: text))
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
