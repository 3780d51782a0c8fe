import NIOSSL

/// What a web configuration file says: who may talk to the listener, and how.
struct WebConfiguration: Sendable {
    /// A header of every answer.
    struct Header: Sendable, Hashable {
        let name: String
        let value: String
    }

    /// How many requests are answered.
    struct RateLimit: Sendable, Hashable {
        let interval: Duration
        let burst: Int
    }

    /// nil for plain HTTP.
    var tls: TLSIdentity?
    var headers: [Header] = []
    /// Empty where everybody may read.
    var users: [[UInt8]: PasswordHash] = [:]
    var rateLimit: RateLimit?
    /// The files that it was read from, the configuration itself first.
    var files: [String] = []
    /// What is not wrong but should be known, one line each.
    var warnings: [String] = []

    /// What to fear where others than this machine can reach us; nil for nothing.
    var danger: String? {
        let isClosed = !users.isEmpty || tls?.clients == .requireAndVerify
        return switch (isClosed, tls != nil) {
        case (true, true): nil
        case (true, false):
            "passwords and metrics cross the network in the clear: add tls_server_config to --web.config.file"
        case (false, true):
            "everyone who can reach this address can read the metrics: add basic_auth_users to --web.config.file"
        case (false, false):
            "everyone who can reach this address can read the metrics: there is no TLS and no authentication; --web.config.file brings both"
        }
    }
}
