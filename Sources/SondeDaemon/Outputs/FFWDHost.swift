import Glibc

/// The name of the machine that a server's numbers are about.
enum FFWDHost {
    /// The first host that the user named; this machine's name where the server is on it.
    static func name(of server: Configuration.Server) -> String {
        let keywords = server.keywords
        let named = keywords["host"] ?? keywords["hostaddr"] ?? Environment.ofProcess.values["PGHOST"] ?? ""
        let host = named.prefix { $0 != "," }
        let isHere =
            host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host.hasPrefix("127.") || host == "::1"
            || host == "localhost"
        return isHere ? ofThisMachine : String(host)
    }

    private static var ofThisMachine: String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
