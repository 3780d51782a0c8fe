import Sonde

extension Limit {
    /// The budget of whatever has a row per relation: 500 by name in each database, 5 000 on a server.
    static func relations(by ranks: [String], since: SQL? = nil) -> Limit {
        Limit(rows: 500, perServer: 5_000, by: ranks, since: since)
    }
}
