import Synchronization

/// The users who may read the metrics, with a memory that spares who scrapes all the time the cost of the hash.
///
/// It remembers, for each configured user, the password that last proved right, and nothing else: no failure, and nothing by what a
/// client sends. A new configuration makes a new object, which remembers nothing.
final class BasicUsers: Sendable {
    enum Verdict: Sendable, Hashable {
        case allowed, refused
        /// Too many passwords wait to be compared.
        case busy
    }

    private let hashes: [[UInt8]: PasswordHash]
    private let costs: [Int]
    private let verifier: PasswordVerifier
    private let remembered = Mutex<[[UInt8]: [UInt8]]>([:])

    /// - Parameters:
    ///   - hashes: the hashes by the users' names, at least one.
    ///   - verifier: what compares.
    init(_ hashes: [[UInt8]: PasswordHash], verifier: PasswordVerifier = .shared) {
        self.hashes = hashes
        self.verifier = verifier
        costs = hashes.values.map(\.cost)
    }

    /// Whether a client may go on; a name that nobody has takes as long as a wrong password.
    func verify(_ credentials: BasicCredentials) async -> Verdict {
        if isRemembered(credentials) { return .allowed }
        let known = hashes[credentials.user]
        let hash = known ?? .decoy(cost: cost(ofUnknown: credentials.user))
        let result = await verifier.run { [self] in
            // Whoever waited behind the same user's first request need not compute it again.
            if isRemembered(credentials) { return true }
            return hash.matches(credentials.password) && known != nil
        }
        guard let isRight = result else { return .busy }
        guard isRight else { return .refused }
        remembered.withLock { $0[credentials.user] = credentials.password }
        return .allowed
    }

    private func isRemembered(_ credentials: BasicCredentials) -> Bool {
        let password = remembered.withLock { $0[credentials.user] }
        // Also where there is none, so that it takes the same time.
        return PasswordHash.isEqual(password ?? [], credentials.password) && password != nil
    }

    /// A cost as the users have, and always the same for one name, so that time does not tell who there is.
    private func cost(ofUnknown name: [UInt8]) -> Int {
        costs[Int(UInt(bitPattern: name.hashValue) % UInt(costs.count))]
    }
}
