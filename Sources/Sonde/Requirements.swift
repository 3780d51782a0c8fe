extension Definition {
    /// What must be there; what is missing is a state, not an error.
    public struct Requirements: Sendable, Hashable {
        /// The value of a setting that says: whatever it is, as long as there is one.
        public static let anyValue = "any"

        /// Extensions that must be installed in the database.
        public var extensions: [String]
        /// Predefined roles of which the session must have the privileges.
        public var roles: [String]
        /// What the session must be allowed to do.
        public var privileges: [Privilege]
        /// Settings and the values that they must have, as `pg_settings.setting` shows them; ``anyValue`` for any.
        public var settings: [String: String]
        /// Relations that must be there, with their schemas unless they are in `pg_catalog`.
        public var relations: [String]

        /// Makes requirements.
        public init(
            extensions: [String] = [], roles: [String] = [], privileges: [Privilege] = [],
            settings: [String: String] = [:], relations: [String] = []
        ) {
            self.extensions = extensions
            self.roles = roles
            self.privileges = privileges
            self.settings = settings
            self.relations = relations
        }

        var questions: Questions {
            Questions(privileges: Set(privileges), settings: Set(settings.keys), relations: Set(relations))
        }

        /// What a server does not have of it, and what to do; nil where all is there.
        func missing(in facts: Facts) -> Skip? {
            for name in extensions where facts.extensions[name] == nil { return Self.missing(extension: name, facts) }
            for role in roles where !facts.roles.contains(role) {
                return .unavailable("needs the privileges of \(role): GRANT \(role) TO the monitoring role")
            }
            for name in relations where !facts.relations.contains(name) {
                return .unavailable("needs \(name), which is not in database \(facts.database)")
            }
            return missingPrivileges(in: facts) ?? missingSetting(in: facts).map { .unavailable($0) }
        }

        /// What a server has only a part of, so that something is not shown; nil where there is nothing of the kind.
        func shortfall(in facts: Facts) -> String? {
            let partial = privileges.filter { facts.partial.contains($0) }
            return partial.isEmpty ? nil : Privilege.need(partial, facts.version, "not all of it is there")
        }

        /// What to say of an extension that is not there.
        static func missing(extension name: String, _ facts: Facts) -> Skip {
            if let schema = facts.closedExtensions[name] {
                let grant = "GRANT USAGE ON SCHEMA \(Identifier.quoted(schema)) TO the monitoring role"
                return .forbidden("needs USAGE on the schema of extension \(name): \(grant)")
            }
            return .unavailable("needs extension \(name): CREATE EXTENSION \(name) in database \(facts.database)")
        }

        private func missingPrivileges(in facts: Facts) -> Skip? {
            if let gone = privileges.first(where: { facts.absent.contains($0) }) {
                return .unavailable("needs \(gone.text), and there is no such object in database \(facts.database)")
            }
            let missing = privileges.filter { !facts.privileges.contains($0) }
            return missing.isEmpty ? nil : .forbidden(Privilege.need(missing, facts.version))
        }

        private func missingSetting(in facts: Facts) -> String? {
            for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
                guard let found = facts.settings[name] else {
                    let parts = name.split(separator: ".")
                    let advice = parts.count > 1 ? ": add \(parts[0]) to shared_preload_libraries" : ""
                    return "needs the setting \(name), which the server does not have or does not show\(advice)"
                }
                if value != Self.anyValue, value != found { return "needs \(name) = \(value), and it is \(found)" }
            }
            return nil
        }
    }
}
