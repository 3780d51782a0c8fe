/// Reads a file in the format of Prometheus' exporter-toolkit.
struct WebConfigurationFile {
    /// The keys of the file.
    static let keys = ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"]
    /// The headers that can be set, with the values that they can have where those are few.
    static let headers = [
        "Strict-Transport-Security": [], "X-Content-Type-Options": ["nosniff"],
        "X-Frame-Options": ["deny", "sameorigin"], "X-XSS-Protection": [], "Content-Security-Policy": [],
    ]

    private let path: String
    private var decoder: YAMLDecoder
    private var configuration = WebConfiguration()

    /// Reads a file, and the certificates and keys that it names; relative paths begin in its folder.
    ///
    /// - Throws: everything that is wrong.
    static func read(_ path: String) throws(FileProblems) -> WebConfiguration {
        let bytes = try BoundedFile.read(path, atMost: YAMLParser.maxBytes).bytes
        var file = WebConfigurationFile(path: path)
        if let danger = FileAccess.danger(ofWriting: path) { file.configuration.warnings.append(danger) }
        if let document = try YAMLParser.document(in: bytes, file: path) { file.read(document) }
        try file.decoder.finish()
        return file.configuration
    }

    private init(path: String) {
        self.path = path
        decoder = YAMLDecoder(file: path)
        configuration.files = [path]
    }

    private mutating func read(_ document: YAMLNode) {
        guard let keys = decoder.mapping(document, "the file", keys: Self.keys) else { return }
        if let node = keys["tls_server_config"], !node.isNull,
            let keys = decoder.mapping(node, "tls_server_config", keys: WebTLSSection.keys)
        {
            configuration.tls = WebTLSSection(path: path, keys: keys).identity(for: &configuration, &decoder)
        }
        if let node = keys["http_server_config"] { readHTTP(node) }
        if let node = keys["basic_auth_users"] { readUsers(node) }
        if let node = keys["rate_limit"] { readRateLimit(node) }
    }

    private mutating func readHTTP(_ node: YAMLNode) {
        guard let keys = decoder.mapping(node, "http_server_config", keys: ["http2", "headers"]) else { return }
        if let node = keys["http2"], decoder.bool(node, "http2") == true {
            configuration.warnings.append(
                "\(path): http2 is ignored: pgsonde speaks HTTP/1.1, which every client knows")
        }
        for entry in keys["headers"].flatMap({ decoder.entries($0, "headers") }) ?? [] {
            let name = entry.key.text ?? ""
            guard let values = Self.headers[name] else {
                let advice = Spelling.advice(for: name, among: Self.headers.keys.sorted())
                decoder.report(entry.key, "the header \(Spelling.quoted(name)) cannot be set: \(advice)")
                continue
            }
            // Left empty, it is not sent.
            guard !entry.value.isNull, entry.value.text != "", let value = decoder.word(entry.value, name) else {
                continue
            }
            guard values.isEmpty || values.contains(value) else {
                let advice = values.joined(separator: " or ")
                decoder.report(entry.value, "\(name) is \(Spelling.quoted(value)): write \(advice)")
                continue
            }
            configuration.headers.append(.init(name: name, value: value))
        }
    }

    private mutating func readUsers(_ node: YAMLNode) {
        for entry in decoder.entries(node, "basic_auth_users") ?? [] {
            guard let name = decoder.word(entry.key, "a user's name") else { continue }
            if name.utf8.contains(UInt8(ascii: ":")) {
                decoder.report(entry.key, "a user's name has no colon, since clients send one behind it: remove it")
            }
            let hash = decoder.value(entry.value, Spelling.quoted(name), PasswordHash.init(_:))
            configuration.users[Array(name.utf8)] = hash
        }
    }

    private mutating func readRateLimit(_ node: YAMLNode) {
        guard let keys = decoder.mapping(node, "rate_limit", keys: ["interval", "burst"]) else { return }
        let burst = keys["burst"].flatMap { decoder.int($0, "burst", in: 0...1_000_000) }
        guard let node = keys["interval"], !["0", "0s"].contains(node.text),
            let interval = decoder.value(node, "interval", ForeignSettings.duration)
        else { return }
        guard let burst, burst > 0 else {
            if burst != nil || keys["burst"] == nil {
                decoder.report(keys["burst"] ?? node, "burst is 0, so that nothing would be answered: write at least 1")
            }
            return
        }
        configuration.rateLimit = .init(interval: interval, burst: burst)
    }
}
