import CLibPQ

/// Counts the bytes that libpq has read since its last result, for it sets itself no limit.
struct Intake {
    private var start: Int64?
    private var count: Int64 = 0

    /// Begins with the next result.
    mutating func restart() {
        start = start.map { $0 + count }
        count = 0
    }

    /// Counts after libpq has read.
    ///
    /// - Parameters:
    ///   - socket: what it read from.
    ///   - before: the bytes that waited there before it did.
    /// - Returns: the bytes of the result so far, exact for TCP; for other sockets at least half of them.
    mutating func count(_ socket: Int32, before: Int32) -> Int64 {
        let waiting = Int64(sonde_waiting_bytes(socket))
        let received = sonde_received_bytes(socket)
        if received >= 0 {
            let read = received - waiting
            let start = start ?? (read - Int64(before) + waiting)
            self.start = start
            count = read - start
        } else {
            // What came while libpq read hides what it took, but it takes 8 kB where there are so many.
            count += max(Int64(before) - waiting, min(Int64(before), 8_192))
        }
        return count
    }
}
