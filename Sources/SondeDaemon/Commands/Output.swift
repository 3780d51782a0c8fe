import Glibc
import Logging

/// Standard output and error, byte by byte as they are.
enum Output {
    /// Writes all bytes to standard output.
    ///
    /// - Returns: false once nobody reads any more, or the disk is full.
    static func write(_ bytes: some Sequence<UInt8>, to descriptor: Int32 = STDOUT_FILENO) -> Bool {
        let all = Array(bytes)
        var done = 0
        while done < all.count {
            let count = unsafe all[done...].withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// Writes lines to standard error.
    static func complain(_ text: String) {
        let priority = LogStream.isJournal(STDERR_FILENO) ? Logger.Level.error.journalPriority : ""
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { priority + $0 + "\n" }
        _ = write(lines.joined().utf8, to: STDERR_FILENO)
    }
}
