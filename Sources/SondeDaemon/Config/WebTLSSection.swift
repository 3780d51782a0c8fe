import NIOCore
import NIOSSL

/// Reads `tls_server_config` of a web configuration file, and the files that it names.
struct WebTLSSection {
    /// The keys, in the order of the toolkit's page.
    static let keys = [
        "cert", "key", "client_ca", "cert_file", "key_file", "client_auth_type", "client_ca_file",
        "client_allowed_sans", "min_version", "max_version", "cipher_suites", "prefer_server_cipher_suites",
        "curve_preferences",
    ]
    /// More than any certificate, or bundle of them.
    private static let maxBytes = 4 << 20
    /// What a client may take to agree to the end of a connection.
    private static let shutdownTimeout = TimeAmount.seconds(1)

    /// The file that the section stands in.
    let path: String
    let keys: YAMLMapping

    /// The certificate, the key and what is asked of clients; nil where something is wrong, which has been reported.
    func identity(for configuration: inout WebConfiguration, _ decoder: inout YAMLDecoder) -> TLSIdentity? {
        for place in ["cert", "key"] where keys[place] == nil && keys["\(place)_file"] == nil {
            decoder.report(keys.node, "tls_server_config has no \(place)_file: write one, or remove the section")
        }
        let chain = certificates("cert", &configuration, &decoder)
        let key = privateKey(&configuration, &decoder)
        let authorities = certificates("client_ca", &configuration, &decoder)
        let clients = readClients(hasAuthorities: authorities != nil, &configuration, &decoder)
        let names = clientNames(clients, &decoder)
        let versions = readVersions(&configuration, &decoder)
        let ciphers = readCiphers(versions, &decoder)
        let curves = readCurves(&decoder)
        if let node = keys["prefer_server_cipher_suites"] { _ = decoder.bool(node, "prefer_server_cipher_suites") }
        guard let chain, let key, decoder.problems.isEmpty else { return nil }
        var settings = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        settings.minimumTLSVersion = versions.lowerBound.value
        settings.maximumTLSVersion = versions.upperBound.value
        if let ciphers { settings.cipherSuiteValues = ciphers }
        settings.curves = curves
        settings.applicationProtocols = ["http/1.1"]
        settings.shutdownTimeout = Self.shutdownTimeout
        settings.certificateVerification =
            clients.requires ? .noHostnameVerification : clients == .none ? .none : .optionalVerification
        // Where nothing is verified the system's authorities need not be read.
        settings.trustRoots = authorities.map { .certificates($0) } ?? (clients.verifies ? .default : .certificates([]))
        settings.sendCANameList = authorities != nil
        guard let context = try? NIOSSLContext(configuration: settings) else {
            let node = keys["key"] ?? keys["key_file"] ?? keys.node
            decoder.report(node, "the key is not that of the certificate: write the two that belong together")
            return nil
        }
        let end = chain.map(\.notValidAfter).min() ?? 0
        return TLSIdentity(
            context: context, clients: clients, clientNames: names, hasClientAuthority: authorities != nil,
            notAfter: Double(end))
    }

    // MARK: PEM

    /// What a key holds, or the file that its namesake with `_file` names; and where that stands.
    private func pem(
        _ name: String, _ configuration: inout WebConfiguration, _ decoder: inout YAMLDecoder
    ) -> (bytes: [UInt8], node: YAMLNode, what: String)? {
        if let node = keys[name] {
            if let other = keys["\(name)_file"] {
                decoder.report(other, "\(name) is there already: remove one of them")
            }
            guard let text = decoder.text(node, name) else { return nil }
            if name == "key", FileAccess.isShown(path) {
                configuration.warnings.append(
                    "\(path): every user can read it and there is a private key in it: chmod o= it, or write key_file")
            }
            return (Array(text.utf8), node, name)
        }
        guard let node = keys["\(name)_file"], let word = decoder.word(node, "\(name)_file") else { return nil }
        let place = word.hasPrefix("/") ? word : "\(BoundedFile.folder(of: path))/\(word)"
        do {
            let file = try BoundedFile.read(place, atMost: Self.maxBytes)
            configuration.files.append(place)
            if name == "key", file.isReadableByOthers {
                configuration.warnings.append("\(place): every user can read this key: chmod o= it")
            }
            return (file.bytes, node, place)
        } catch {
            decoder.report(node, "\(name)_file: \(error)")
            return nil
        }
    }

    private func certificates(
        _ name: String, _ configuration: inout WebConfiguration, _ decoder: inout YAMLDecoder
    ) -> [NIOSSLCertificate]? {
        guard let (bytes, node, what) = pem(name, &configuration, &decoder) else { return nil }
        if let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty { return certificates }
        decoder.report(
            node, "\(what): there is no certificate in it: it begins with -----BEGIN CERTIFICATE-----, in PEM")
        return nil
    }

    private func privateKey(
        _ configuration: inout WebConfiguration, _ decoder: inout YAMLDecoder
    ) -> NIOSSLPrivateKey? {
        guard let (bytes, node, what) = pem("key", &configuration, &decoder) else { return nil }
        if let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) { return key }
        let isEncrypted = String(decoding: bytes, as: UTF8.self).contains("ENCRYPTED")
        decoder.report(
            node,
            isEncrypted
                ? "\(what): the key is encrypted, and nobody is there to type its password: decrypt it, and chmod o= it"
                : "\(what): there is no private key in it: it begins with -----BEGIN PRIVATE KEY-----, in PEM")
        return nil
    }

    // MARK: Clients

    private func readClients(
        hasAuthorities: Bool, _ configuration: inout WebConfiguration, _ decoder: inout YAMLDecoder
    ) -> TLSNames.ClientAuthentication {
        var clients = TLSNames.ClientAuthentication.none
        if let node = keys["client_auth_type"], node.text != "" {
            guard let choice = decoder.choice(node, "client_auth_type", of: TLSNames.ClientAuthentication.self) else {
                return .none
            }
            clients = choice
        }
        if clients == .none, let node = keys["client_ca"] ?? keys["client_ca_file"] {
            decoder.report(
                node, "clients are not asked for a certificate: write client_auth_type: RequireAndVerifyClientCert")
        }
        if clients.verifies, !hasAuthorities, keys["client_ca"] == nil, keys["client_ca_file"] == nil {
            configuration.warnings.append(
                "\(path): clients are let in by any certificate that an authority of this system has signed: write client_ca_file"
            )
        }
        return clients
    }

    private func clientNames(
        _ clients: TLSNames.ClientAuthentication, _ decoder: inout YAMLDecoder
    ) -> Set<String>? {
        guard let node = keys["client_allowed_sans"], let names = decoder.words(node, "client_allowed_sans") else {
            return nil
        }
        if clients != .requireAndVerify {
            decoder.report(
                node, "only a verified certificate has names: write client_auth_type: RequireAndVerifyClientCert")
        }
        return Set(names)
    }

    // MARK: Versions, ciphers and curves

    private func readVersions(
        _ configuration: inout WebConfiguration, _ decoder: inout YAMLDecoder
    ) -> ClosedRange<TLSNames.Version> {
        let least = keys["min_version"].flatMap { decoder.choice($0, "min_version", of: TLSNames.Version.self) }
        let most = keys["max_version"].flatMap { decoder.choice($0, "max_version", of: TLSNames.Version.self) }
        let range = (least ?? min(.tls12, most ?? .tls12), most ?? .tls13)
        guard range.0 <= range.1 else {
            if let node = keys["max_version"] {
                decoder.report(node, "max_version is older than min_version: write at least \(range.0.rawValue)")
            }
            return .tls12 ... .tls13
        }
        if range.0 < .tls12 {
            configuration.warnings.append(
                "\(path): \(range.0.rawValue) is broken and lets others read along: write min_version: TLS12")
        }
        return range.0...range.1
    }

    private func readCiphers(
        _ versions: ClosedRange<TLSNames.Version>, _ decoder: inout YAMLDecoder
    ) -> [NIOTLSCipher]? {
        guard let node = keys["cipher_suites"], let items = decoder.items(node, "cipher_suites"), !items.isEmpty else {
            return nil
        }
        var ciphers: [NIOTLSCipher] = []
        for item in items {
            guard let name = decoder.word(item, "an item of cipher_suites") else { continue }
            if TLSNames.weakCiphers.contains(name) {
                decoder.report(item, "\(name) is weak, and refused: remove it")
            } else if let cipher = TLSNames.ciphers[name] {
                if let cipher { ciphers.append(cipher) }
            } else {
                let advice = Spelling.advice(for: name, among: TLSNames.ciphers.keys.sorted())
                decoder.report(item, "there is no cipher suite \(Spelling.quoted(name)): \(advice)")
            }
        }
        if ciphers.isEmpty, decoder.problems.isEmpty, versions.lowerBound < .tls13 {
            decoder.report(node, "none of them is for TLS 1.2: write one that is, or min_version: TLS13")
        }
        return ciphers.isEmpty ? nil : ciphers
    }

    private func readCurves(_ decoder: inout YAMLDecoder) -> [NIOTLSCurve]? {
        guard let node = keys["curve_preferences"], let items = decoder.items(node, "curve_preferences"),
            !items.isEmpty
        else { return nil }
        return items.compactMap { item in
            decoder.value(item, "an item of curve_preferences") { text throws(ValueProblem) in
                guard let curve = TLSNames.curves[text] else {
                    let advice = Spelling.advice(for: text, among: TLSNames.curves.keys.sorted())
                    throw ValueProblem("there is no curve \(Spelling.quoted(text)): \(advice)")
                }
                return curve
            }
        }
    }
}
