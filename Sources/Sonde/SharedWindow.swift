/// What of a shared plan's rows belongs to one of its definitions.
package struct SharedWindow: Sendable, Hashable {
    /// Which of several queries, one below the other, the rows are of.
    struct Part: Sendable, Hashable {
        let number: Int
        /// The names of the definition's columns.
        let names: [String]
        /// Where the text of each of the queries stands in the statement.
        let texts: [Range<Int>]
    }

    /// Those of its query.
    let columns: Range<Int>
    /// nil where all rows are its own.
    var part: Part?

    /// Whether an error is the fault of others.
    ///
    /// - Parameter position: as PostgreSQL reports it: in characters, from 1.
    /// - Returns: whether it falls in the text of another query.
    package func isOfOthers(errorAt position: Int?) -> Bool {
        guard let part, let position else { return false }
        return part.texts.indices.contains { $0 != part.number && part.texts[$0].contains(position - 1) }
    }

    /// Lends the definition's part of the rows as a table of their own.
    package func lend(_ rows: borrowing Rows, _ body: (borrowing Rows) throws -> Void) rethrows {
        guard let part else { return try rows.with(columns: columns, body) }
        let number = "\(part.number)"
        var own: [Int] = []
        var types: [UInt32] = []
        for row in 0..<rows.count where rows.text(row, at: 0) == number {
            own.append(row)
            if types.isEmpty, let list = rows.text(row, at: 1) {
                types = list.split(separator: ",").map { UInt32($0) ?? 0 }
            }
        }
        let names = zip(columns, part.names).map { place, name in
            Rows.Column(name, type: types.indices.contains(place) ? types[place] : 0)
        }
        let table = unsafe Rows(columns: names, count: own.count) { row, column in
            unsafe rows.cell(own[row], StackedQueries.heading + columns.lowerBound + column)
        }
        try body(table)
    }
}
