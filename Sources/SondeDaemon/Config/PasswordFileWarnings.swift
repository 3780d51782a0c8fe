import SondePostgres

extension Configuration.Server {
    /// The time that files may keep us waiting.
    private static let patience = Duration.seconds(5)

    /// What should be known of the file that the password is in, one line each.
    ///
    /// Files may be where nobody answers, so they are looked at on a thread that nobody else waits for; then there is nothing to say.
    func passwordFileWarnings() async -> [String] {
        let found = await Guest.run(within: Self.patience) {
            lookAtPasswordFiles()
        } late: {
        }
        return found ?? []
    }

    /// The same, which waits for the files.
    func lookAtPasswordFiles() -> [String] {
        // A command's, a credential's and a variable's are not for us to look at.
        guard passwordCommand == nil, passwordCredential == nil, passwordVariable == nil else { return [] }
        if let path = passwordFile {
            return FileAccess.isShown(path) ? ["\(path): every user can read this password: chmod o= it"] : []
        }
        let effective = EffectiveKeywords(keywords)
        guard !effective.hasPassword, let flaw = PasswordFile(effective).flaw else { return [] }
        return [flaw]
    }
}
