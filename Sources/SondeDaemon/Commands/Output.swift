import Glibc

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

    /// Writes a line to standard error.
    static func complain(_ text: String) {
        _ = write((text + "\n").utf8, to: STDERR_FILENO)
    }
}
