import Glibc
import Synchronization

/// Takes log lines for a descriptor, and loses lines rather than time where nobody reads them or the disk is full.
///
/// What is lost is counted, and said as soon as the descriptor takes lines again.
final class LogStream: Sendable {
    private struct State {
        /// Lines that were not written, or not to their end, since the last one that was.
        var lost = 0
        /// Whether the last that was written is a part of a line.
        var isTorn = false
    }

    /// What a pipe that has any room takes at once, whole or not at all (PIPE_BUF).
    private static let piece = 4_096

    /// Whether systemd's journal reads it.
    let isJournal: Bool
    private let descriptor: Int32
    private let patience: Duration?
    private let state = Mutex(State())

    /// Writes to a descriptor.
    ///
    /// - Parameters:
    ///   - descriptor: where to; it stays the caller's, and as it is: others may have it, too.
    ///   - patience: how long the first line that finds no room waits for it; nil for as long as it takes.
    ///   - journal: device and inode of the journal's stream, as `JOURNAL_STREAM` has them.
    init(_ descriptor: Int32, patience: Duration?, journal: String? = Environment.journal) {
        self.descriptor = descriptor
        self.patience = patience
        isJournal = Self.isJournal(descriptor, journal)
    }

    /// Whether a descriptor is the journal's stream.
    static func isJournal(_ descriptor: Int32, _ journal: String? = Environment.journal) -> Bool {
        var status = stat()
        guard let journal, unsafe fstat(descriptor, &status) == 0 else { return false }
        return journal == "\(status.st_dev):\(status.st_ino)"
    }

    /// Writes a line, or counts it as lost.
    ///
    /// - Parameters:
    ///   - line: with its line feed. A line of up to 4 kB is never mixed with those of others.
    ///   - note: the line that says how many were lost.
    func write(_ line: String, note: (Int) -> String) {
        state.withLock { state in
            var text = state.isTorn ? "\n" : ""
            if state.lost > 0 { text += note(state.lost) }
            // Whoever lost lines has waited enough.
            let wait = state.lost > 0 ? .zero : patience
            if !text.isEmpty {
                guard send(text, within: wait, &state) else {
                    state.lost += 1
                    return
                }
                state.lost = 0
            }
            if !send(line, within: wait, &state) { state.lost += 1 }
        }
    }

    /// - Returns: whether all of it was written.
    private func send(_ text: String, within patience: Duration?, _ state: inout State) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            guard hasRoom(within: patience) else { return false }
            let count = unsafe rest.prefix(Self.piece).withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
            state.isTorn = !rest.isEmpty
        }
        return true
    }

    /// Whether a write would not block: there is room, and somebody to read it.
    private func hasRoom(within patience: Duration?) -> Bool {
        let wait = patience.map { Int32(clamping: Int64($0 / .milliseconds(1))) } ?? -1
        var file = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        var count: Int32
        repeat { count = unsafe poll(&file, 1, wait) } while count < 0 && errno == EINTR
        return count > 0 && Int32(file.revents) & (POLLERR | POLLNVAL | POLLHUP) == 0
    }
}
