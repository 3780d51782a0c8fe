/// A collector that asks no server: it reads a file, a socket or another program, once for the whole daemon.
///
/// It needs a name, a sentence, its metrics and a ``Probe``. The daemon runs it at its interval, apart from everything that asks
/// servers; its samples carry no `server` label unless it declares one.
public protocol LocalCollector: Collector {
    /// A probe, made at the first poll, and again after one that hung and was given up.
    ///
    /// - Parameter timing: the times in force, which the user may have changed.
    /// - Returns: a probe that has seen nothing yet.
    func makeProbe(for timing: Timing) -> any Probe
}

extension LocalCollector {
    /// Nothing, since it asks no server.
    public func plan(for facts: Facts, without refused: Set<String>) -> Plan { .steps([]) }

    /// One that reads nothing, since it asks no server.
    public func makeReader(for timing: Timing) -> any Reader { NoReader() }
}

extension Collector {
    /// Whether it asks servers of a kind.
    package func asks(_ kind: ServerKind) -> Bool {
        self.kind == kind && !(self is any LocalCollector)
    }
}

/// Reads nothing.
private struct NoReader: Reader {
    mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) {}
}
