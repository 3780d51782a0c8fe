import Glibc

/// A shell that runs the demo's processes, and ends them and deletes their directory when we are gone.
///
/// We speak to it through a socket. However we end, by kill -9 too, the kernel closes our side, and the shell cleans up: a parent
/// death signal would come when the spawning *thread* ends, and leave the directory. It also spares us fork, which Swift has not,
/// for the change of user: setpriv does that.
struct DemoSupervisor: ~Copyable {
    /// Reads `run COMMAND` and `start COMMAND`, and answers with the exit code; $1 is the directory.
    private static let script = """
        trap '' PIPE
        pids=
        while read -r kind step; do
            case $kind in
            run) (eval "$step") </dev/null >>"$1/log" 2>&1; echo $? ;;
            start) eval "exec $step" </dev/null >>"$1/log" 2>&1 & pids="$pids $!"; echo 0 ;;
            esac
        done
        kill -TERM $pids; kill -INT $pids
        wait
        cd / && rm -rf "$1"
        """

    private let socket: Int32
    private let pid: pid_t

    /// Starts the shell, as the directory's owner.
    ///
    /// - Throws: ``DemoError`` if it cannot be started.
    init(for directory: DemoDirectory) throws(DemoError) {
        var words = ["/bin/sh", "-c", Self.script, "pgsonde-demo", directory.path]
        if let owner = directory.owner {
            words = ["setpriv", "--reuid=\(owner.user)", "--regid=\(owner.group)", "--clear-groups", "--"] + words
        }
        // Not our environment: its PG* variables would lead initdb and pgbench astray.
        var environment = ["PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C", "HOME=\(directory.path)"]
        if let libraries = unsafe getenv("LD_LIBRARY_PATH") {
            environment.append(unsafe "LD_LIBRARY_PATH=\(String(cString: libraries))")
        }
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw DemoError("cannot make a socket") }
        defer { close(ends[1]) }
        guard let pid = Self.spawn(words, environment: environment, socket: ends[1]) else {
            close(ends[0])
            unsafe rmdir(directory.path)
            throw DemoError("cannot start \(words[0]) (of the package util-linux)")
        }
        socket = ends[0]
        self.pid = pid
    }

    deinit {
        close(socket)
    }

    /// Runs a command to its end.
    ///
    /// - Parameters:
    ///   - words: the program and its arguments.
    ///   - input: a file that the program reads; nothing by default.
    /// - Returns: whether it succeeded; what it printed is in the directory's file `log`.
    /// - Throws: CancellationError, or ``DemoError`` if the shell is gone.
    func run(_ words: [String], input: String? = nil) async throws -> Bool {
        try await order("run", words, input.map { " <\(Self.quoted($0))" } ?? "") == "0"
    }

    /// Starts a command that runs until the end of the demo.
    ///
    /// - Throws: CancellationError, or ``DemoError`` if the shell is gone.
    func start(_ words: [String]) async throws {
        _ = try await order("start", words, "")
    }

    /// Has all processes ended and the directory deleted, and waits for that for some seconds.
    func stop() async {
        shutdown(socket, Int32(SHUT_WR))
        for _ in 0..<500 where waitpid(pid, nil, WNOHANG) == 0 {
            // Cancelled tasks do not sleep; this one may poll, then, for the end is near.
            do { try await Task.sleep(for: .milliseconds(20)) } catch { usleep(20_000) }
        }
    }

    private func order(_ kind: String, _ words: [String], _ redirection: String) async throws -> String {
        let line = Array("\(kind) \(words.map(Self.quoted).joined(separator: " "))\(redirection)\n".utf8)
        let gone = DemoError("the demo's processes were ended from outside")
        guard unsafe send(socket, line, line.count, Int32(MSG_NOSIGNAL)) == line.count else { throw gone }
        var answer: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = unsafe recv(socket, &byte, 1, Int32(MSG_DONTWAIT))
            if count == 1 {
                if byte == UInt8(ascii: "\n") { return String(decoding: answer, as: UTF8.self) }
                answer.append(byte)
            } else if count < 0, errno == EAGAIN || errno == EINTR {
                try await Task.sleep(for: .milliseconds(20))
            } else {
                throw gone
            }
        }
    }

    /// A word that the shell takes as it is.
    private static func quoted(_ word: String) -> String {
        "'\(word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
    }

    /// Starts a program in a process group of its own, so that Ctrl-C at the terminal is for us alone.
    private static func spawn(_ words: [String], environment: [String], socket: Int32) -> pid_t? {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, socket, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, socket, 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // The threads of the shared pool block all signals, and that is inherited.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer {
            for index in unsafe arguments.indices { unsafe free(arguments[index]) }
            for index in unsafe variables.indices { unsafe free(variables[index]) }
        }
        var pid: pid_t = 0
        return unsafe posix_spawnp(&pid, words[0], &actions, &attributes, &arguments, &variables) == 0 ? pid : nil
    }
}
