package import Sonde

extension Definition {
    /// `SHOW LISTS`: how many of each kind of thing there are.
    package static let pgbouncerLists = Definition(
        "pgbouncer_lists", help: "Sizes of PgBouncer's lists (SHOW LISTS)",
        query: "SHOW LISTS",
        columns: [
            .label("list", "list"),
            .gauge("items", "items", help: "Items of the list that the label names (SHOW LISTS.items)"),
        ],
        kind: .pgbouncer)
}
