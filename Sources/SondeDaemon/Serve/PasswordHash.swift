import CCrypt
import Glibc

/// A password's bcrypt hash, as `htpasswd -nB` prints it.
struct PasswordHash: Sendable, Hashable {
    /// The most costly that is taken: about a second for each guess that a client makes.
    static let mostCost = 14
    /// The longest password that libxcrypt takes, its final zero byte left out.
    static let longestPassword = Int(CRYPT_MAX_PASSPHRASE_SIZE) - 1

    private let text: String
    /// The binary logarithm of the number of rounds.
    let cost: Int

    /// Reads a hash.
    ///
    /// - Throws: what is wrong; the text is never shown.
    init(_ text: String) throws(ValueProblem) {
        let bytes = Array(text.utf8)
        let isBcrypt = bytes.count == 60 && ["$2a$", "$2b$", "$2y$"].contains(String(text.prefix(4)))
        let digits = String(text.dropFirst(4).prefix(2))
        guard isBcrypt, bytes[6] == UInt8(ascii: "$"), Spelling.isNumber(digits), let cost = Int(digits), cost >= 4,
            bytes[7...].allSatisfy(Self.isDigit)
        else {
            throw ValueProblem("this is no bcrypt hash: write what \"htpasswd -nBC 10 ''\" prints behind the colon")
        }
        guard cost <= Self.mostCost else {
            throw ValueProblem(
                "the hash's cost is \(cost), so that whoever guesses keeps a processor busy: make one of at most \(Self.mostCost)"
            )
        }
        self.text = text
        self.cost = cost
    }

    /// A hash that no password is known for, which takes as long to compare with as others of its cost.
    private init(decoyOf cost: Int) {
        text = "$2b$\(cost < 10 ? "0" : "")\(cost)$" + String(repeating: ".", count: 53)
        self.cost = cost
    }

    static func decoy(cost: Int) -> PasswordHash {
        PasswordHash(decoyOf: cost)
    }

    /// Whether a password is the one, which takes from a millisecond to a second, by the cost.
    func matches(_ password: [UInt8]) -> Bool {
        guard password.count <= Self.longestPassword, !password.contains(0) else { return false }
        let size = MemoryLayout<crypt_data>.size
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        unsafe memset(memory, 0, size)
        var phrase = (password + [0]).map { CChar(bitPattern: $0) }
        defer {
            unsafe explicit_bzero(memory, size)
            unsafe memory.deallocate()
            unsafe phrase.withUnsafeMutableBytes { bytes in
                if let base = bytes.baseAddress { unsafe explicit_bzero(base, bytes.count) }
            }
        }
        guard let result = unsafe crypt_rn(phrase, text, memory, Int32(size)) else { return false }
        return unsafe Self.isEqual(Array(String(cString: result).utf8), Array(text.utf8))
    }

    /// Compares in a time that the bytes do not change, nor how many they are, up to the longest password.
    static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        var difference = left.count ^ right.count
        for index in 0..<max(left.count, right.count, longestPassword) {
            let (one, other) = (index < left.count ? left[index] : 0, index < right.count ? right[index] : 0)
            difference |= Int(one ^ other)
        }
        return difference == 0
    }

    /// Whether a byte is one of bcrypt's 64 digits.
    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
