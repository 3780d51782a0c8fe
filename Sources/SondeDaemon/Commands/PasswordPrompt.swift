import Glibc

/// Asks for a password at the terminal, without showing what is typed.
enum PasswordPrompt {
    private static let longest = 1_024
    private static let interrupt: UInt8 = 3

    /// Asks.
    ///
    /// - Returns: nil where there is no terminal, or nothing was typed.
    static func ask(_ question: String) -> String? {
        // Not standard input and output, which may be a script and a file.
        let terminal = unsafe open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        var before = termios()
        guard unsafe tcgetattr(terminal, &before) == 0 else { return nil }
        var silent = before
        // Ctrl-C comes as a byte: a process that it ended would leave a terminal that shows nothing.
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
        guard unsafe tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else { return nil }
        defer {
            unsafe tcsetattr(terminal, TCSAFLUSH, &before)
            _ = Output.write("\n".utf8, to: terminal)
        }
        guard Output.write(question.utf8, to: terminal) else { return nil }
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < longest, unsafe read(terminal, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
            if byte == interrupt { return nil }
            bytes.append(byte)
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
