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

    /// What postgres_exporter calls the server of a connection string: its host and port as they are written, sockets included; what the
    /// environment or a service says is not asked for.
    ///
    /// - Returns: nil for what it cannot read.
    static func fingerprint(of text: String) -> String? {
        for scheme in ["postgresql://", "postgres://"] where text.hasPrefix(scheme) {
            let rest = text.dropFirst(scheme.count)
            let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            let query = HTTPQuery(rest.drop { $0 != "?" }.dropFirst().prefix { $0 != "#" })
            let address = authority.lastIndex(of: "@").map { authority[$0...].dropFirst() } ?? authority
            let bracket = address.hasPrefix("[") ? address.firstIndex(of: "]") : nil
            let end = address[(bracket ?? address.startIndex)...].firstIndex(of: ":") ?? address.endIndex
            let port = address[end...].dropFirst()
            guard port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
            let host = bracket.map { address[..<$0].dropFirst() } ?? address[..<end]
            let names = (query["host"] ?? String(host), query["port"] ?? String(port))
            return "\(names.0.isEmpty ? "localhost" : names.0):\(names.1.isEmpty ? "5432" : names.1)"
        }
        var found = ["host": "localhost", "port": "5432"]
        for pair in text.split(separator: " ", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(unquoted)
            guard parts.count == 2 else { return nil }
            found[parts[0]] = parts[1]
        }
        return "\(found["host"] ?? ""):\(found["port"] ?? "")"
    }

    private static func unquoted(_ text: Substring) -> String {
        var text = text
        while let first = text.first, "'\"".contains(first) { text.removeFirst() }
        while let last = text.last, "'\"".contains(last) { text.removeLast() }
        return String(text)
    }

    private static func name(of host: Substring) -> String {
        // libpq takes a host that begins with / or @ for a socket's directory.
        if host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") { return "localhost" }
        return host.contains(":") ? "[\(host)]" : String(host)
    }
}
