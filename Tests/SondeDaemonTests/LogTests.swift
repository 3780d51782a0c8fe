import Foundation
import Glibc
import Logging
import Testing

@testable import SondeDaemon

/// A pipe whose reader reads when the test does.
private final class StalledPipe: Sendable {
    let reader: Int32
    let writer: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// All that waits in it.
    func drain() -> String {
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            var file = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&file, 1, 0) > 0, case let count = unsafe read(reader, &piece, piece.count), count > 0
            else { return String(decoding: text, as: UTF8.self) }
            text += piece[..<count]
        }
    }
}

@Suite("The log")
struct LogTests {
    private static func logger(
        _ descriptor: Int32, _ format: Configuration.LogFormat = .logfmt, patience: Duration? = .zero
    ) -> Logger {
        let stream = LogStream(descriptor, patience: patience)
        return Logger(label: "test") { _ in Log(LogStyle(level: .info, format: format), to: stream) }
    }

    @Test("a reader that stalls costs lines and no time; what was lost is said when it reads again")
    func stalled() throws {
        let pipe = try StalledPipe()
        let logger = Self.logger(pipe.writer, patience: .milliseconds(20))
        let start = ContinuousClock.now
        for number in 0..<5_000 { logger.info("line", metadata: ["number": "\(number)"]) }
        // Without the limit it would wait for ever.
        #expect(.now - start < .seconds(30))
        let first = pipe.drain().split(separator: "\n")
        #expect(first.count < 5_000)
        #expect(first.enumerated().allSatisfy { $1.hasSuffix(" msg=line number=\($0)") }, "whole lines, in their order")
        logger.info("again")
        let then = pipe.drain().split(separator: "\n")
        #expect(then.count == 2)
        #expect(then.first?.contains("log lines were lost") == true)
        #expect(then.first?.hasSuffix(" lines=\(5_000 - first.count)") == true)
        #expect(then.last?.hasSuffix(" msg=again") == true)
    }

    @Test("a line that finds room for a part of it does not run into the next")
    func torn() throws {
        let pipe = try StalledPipe()
        let logger = Self.logger(pipe.writer)
        logger.info("\(String(repeating: "x", count: 200_000))")
        let part = pipe.drain()
        #expect(part.count > 4_000 && !part.contains("\n"))
        logger.info("next")
        let lines = pipe.drain().split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 4 && lines[0].isEmpty && lines[1].hasSuffix("lines=1") && lines[2].hasSuffix("msg=next"))
    }

    @Test("a long line is written whole where there is somebody to read it")
    func long() async throws {
        let pipe = try StalledPipe()
        let (ends, end) = AsyncStream.makeStream(of: Int.self)
        Thread.detachNewThread {
            var text = ""
            while !text.hasSuffix("\n") { text += pipe.drain() }
            end.yield(text.utf8.count)
        }
        Self.logger(pipe.writer, patience: nil).info("\(String(repeating: "x", count: 500_000))")
        for await count in ends {
            #expect(count > 500_000)
            break
        }
    }

    @Test("a full disk, and a reader that has gone, cost lines, which are counted", arguments: [true, false])
    func lost(isDisk: Bool) throws {
        let pipe = try StalledPipe()
        var ends: [Int32] = [0, 0]
        try #require(unsafe Glibc.pipe(&ends) == 0)
        close(ends[0])
        let device = isDisk ? unsafe open("/dev/full", O_WRONLY | O_CLOEXEC) : ends[1]
        try #require(device >= 0)
        defer {
            close(device)
            if isDisk { close(ends[1]) }
        }
        let logger = Self.logger(device, patience: nil)
        for _ in 0..<3 { logger.info("no room") }
        // Somebody takes lines again.
        dup2(pipe.writer, device)
        logger.info("again")
        #expect(pipe.drain().contains(" lines=3\n"))
    }

    @Test(
        "what a database says cannot break a line or command a terminal",
        arguments: [Configuration.LogFormat.logfmt, .json])
    func control(_ format: Configuration.LogFormat) throws {
        let pipe = try StalledPipe()
        let hostile = "a\u{1B}[2J\u{9B}2J\r\nts=1 level=error \"b\" \\ \u{0}\u{7F}\u{85}"
        Self.logger(pipe.writer, format).error("\(hostile)", metadata: ["error": "\(hostile)", "c1": "\u{9B}2J"])
        let text = pipe.drain()
        #expect(text.unicodeScalars.dropLast().allSatisfy { $0 >= " " && !("\u{7F}"..."\u{9F}").contains($0) })
        #expect(text.hasSuffix("\n"))
        #expect(text.contains(#"a\u001b[2J\u009b2J\r\nts=1 level=error \"b\" \\ \u0000\u007f\u0085"#))
    }
}

@Suite("The log in systemd's journal")
struct JournalLogTests {
    /// The stream that `JOURNAL_STREAM` names is told by device and inode.
    private static func name(_ descriptor: Int32) -> String {
        var status = stat()
        unsafe fstat(descriptor, &status)
        return "\(status.st_dev):\(status.st_ino)"
    }

    @Test("a line for the journal begins with its priority, and no other line does")
    func priorities() throws {
        let pipe = try StalledPipe()
        let style = LogStyle(level: .trace, format: .logfmt)
        let journal = LogStream(pipe.writer, patience: .zero, journal: Self.name(pipe.writer))
        let logger = Logger(label: "test") { _ in Log(style, to: journal) }
        for level in Logger.Level.allCases { logger.log(level: level, "x") }
        let lines = pipe.drain().split(separator: "\n")
        #expect(lines.map { $0.prefix(6) } == ["<7>ts=", "<7>ts=", "<6>ts=", "<5>ts=", "<4>ts=", "<3>ts=", "<2>ts="])
        style.set(level: .info, format: .json)
        logger.error("x")
        #expect(pipe.drain().hasPrefix("<3>{"))
        let other = LogStream(pipe.writer, patience: .zero, journal: "0:0")
        Logger(label: "test") { _ in Log(style, to: other) }.error("x")
        #expect(pipe.drain().hasPrefix("{"))
    }

    @Test("a level that changes holds for every logger that there is, but for what is quiet")
    func levels() throws {
        let pipe = try StalledPipe()
        let style = LogStyle(level: .info, format: .logfmt)
        let stream = LogStream(pipe.writer, patience: .zero, journal: nil)
        let logger = Logger(label: "test") { _ in Log(style, to: stream) }
        logger.debug("x")
        #expect(pipe.drain().isEmpty)
        style.set(level: .debug, format: .logfmt)
        logger.debug("x")
        #expect(pipe.drain().contains("level=debug"))
        #expect(LogStyle(level: .debug, format: .logfmt, isQuiet: true).level == .warning)
    }
}
