import Sonde

/// What a definition requires and a server does not have.
struct Lack {
    /// What it is, and the statement that names all that there are.
    enum Kind: String {
        case `extension` = "SELECT name FROM pg_available_extensions ORDER BY 1"
        case role = "SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 'pg\\_%' ORDER BY 1"
        case relation
        case setting = "SELECT name FROM pg_settings ORDER BY 1"
    }

    let kind: Kind
    let name: String
    /// Where it is required.
    let node: YAMLNode

    /// The first in the order in which a server is asked; nil where all is there, or where it is no name.
    init?(_ placed: PlacedDefinition, _ facts: Facts) {
        let required = placed.definition.requires
        if case .extension(let name) = placed.definition.axis, facts.extensions[name] == nil {
            self.init(.extension, name, placed.place(of: "axis"))
        } else if let name = required.extensions.first(where: { facts.extensions[$0] == nil }) {
            self.init(.extension, name, placed.place(of: "requires"))
        } else if let name = required.roles.first(where: { !facts.roles.contains($0) }) {
            self.init(.role, name, placed.place(of: "requires"))
        } else if let name = required.relations.first(where: { !facts.relations.contains($0) }) {
            self.init(.relation, name, placed.place(of: "requires"))
        } else if let name = required.settings.keys.sorted().first(where: { facts.settings[$0] == nil }) {
            self.init(.setting, name, placed.place(of: "requires"))
        } else {
            return nil
        }
    }

    private init(_ kind: Kind, _ name: String, _ node: YAMLNode) {
        self.kind = kind
        self.name = name
        self.node = node.scalar(name) ?? node
    }
}
