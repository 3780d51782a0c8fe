/// A collector that knows what a role does not get to see of what it shows.
package protocol PartlyGranted: Collector {
    /// What a server hides a part of, and what to do about it, as in `needs X: GRANT X`; nil where all is shown.
    func shortfall(in facts: Facts) -> String?
}

extension Definition: PartlyGranted {}
