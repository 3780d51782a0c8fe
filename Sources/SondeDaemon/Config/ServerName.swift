/// What a server is called that the user gave no name.
enum ServerName {
    /// The host and port that libpq will take: `localhost` for a socket, and the service's name for a service.
    ///
    /// There is neither user nor password in it.
    ///
    /// - Parameters:
    ///   - keywords: libpq's connection keywords.
    ///   - environment: where libpq looks for the keywords that are not there.
    /// - Returns: `host:port`, several of them separated by commas, or a name.
    static func ofServer(with keywords: [String: String], environment: [String: String]) -> String {
        func value(_ keyword: String, _ variable: String) -> String? {
            let value = keywords[keyword] ?? environment[variable]
            return value?.isEmpty == false ? value : nil
        }
        let host = value("host", "PGHOST") ?? value("hostaddr", "PGHOSTADDR")
        if host == nil, let service = value("service", "PGSERVICE") { return service }
        let hosts = (host ?? "").split(separator: ",", omittingEmptySubsequences: false)
        let ports = (value("port", "PGPORT") ?? "").split(separator: ",", omittingEmptySubsequences: false)
        let names = hosts.enumerated().map { index, host in
            let port = ports.count == 1 ? ports[0] : ports.indices.contains(index) ? ports[index] : ""
            return "\(name(of: host)):\(port.isEmpty ? "5432" : port)"
        }
        return names.joined(separator: ",")
    }

    private static func name(of host: Substring) -> String {
        // libpq takes a host that begins with / or @ for a socket's directory.
        if host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") { return "localhost" }
        return host.contains(":") ? "[\(host)]" : String(host)
    }
}
