import Glibc

/// A pgsonde that watches the server that libpq finds by its environment, with a folder of its own.
final class DaemonProcess {
    let port: Int
    private let pid: pid_t
    private let folder: String

    /// Starts it with a file of collectors, or with none but the built-in ones.
    init?(program: String, definitions: String?) {
        folder = "/tmp/pgsonde-bench-\(getpid())-\(definitions == nil ? "idle" : "large")"
        port = 20_000 + Int(getpid()) % 10_000 + (definitions == nil ? 0 : 10_000)
        mkdir(folder, 0o700)
        mkdir(folder + "/collectors.d", 0o700)
        var configuration = "web:\n  listen: [\"127.0.0.1:\(port)\"]\n"
        if let definitions {
            configuration += "collectors_dir: collectors.d\n"
            guard Self.write(definitions, to: folder + "/collectors.d/large.yaml") else { return nil }
        }
        guard Self.write(configuration, to: folder + "/pgsonde.yaml") else { return nil }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 2, folder + "/log", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let words = [program, "run", "--config.file=\(folder)/pgsonde.yaml"]
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid = pid_t()
        guard posix_spawn(&pid, program, &actions, nil, arguments, environ) == 0 else { return nil }
        self.pid = pid
    }

    deinit {
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        for name in ["pgsonde.yaml", "log", "collectors.d/large.yaml", "collectors.d", ""] {
            remove("\(folder)/\(name)")
        }
    }

    /// A number of kilobytes of `/proc/PID/smaps_rollup`, in megabytes.
    func megabytes(_ name: String) -> Double {
        let line = Self.read("/proc/\(pid)/smaps_rollup").split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0) / 1_024
    }

    /// The processor's time so far, of all threads, in seconds.
    var processorSeconds: Double {
        // After the program's name in parentheses; user and system time are the 14th and 15th field.
        let fields = Self.read("/proc/\(pid)/stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 13, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Waits until its page has so many samples.
    ///
    /// - Returns: the last page; nil where it does not come to that within a minute.
    func page(ofSamples count: Int) -> Scrape? {
        for _ in 0..<120 {
            if let scrape = Scrape(port: port, keeping: true), scrape.samples >= count { return scrape }
            usleep(500_000)
        }
        return nil
    }

    private static func write(_ text: String, to path: String) -> Bool {
        guard let file = fopen(path, "w") else { return false }
        defer { fclose(file) }
        return fputs(text, file) >= 0
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
