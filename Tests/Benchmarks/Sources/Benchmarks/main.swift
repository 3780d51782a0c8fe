import Glibc
import Sonde

// Without arguments all is measured. `Benchmarks floor|swift PASSES` runs one side only, for
// valgrind --tool=callgrind, whose counts do not depend on what else the machine does.
let table = Table()
let encoding = Encoding(table)

func row(_ cells: [String]) {
    let padded = cells.enumerated().map { index, cell in
        index == 0
            ? cell + String(repeating: " ", count: max(36 - cell.count, 0))
            : String(repeating: " ", count: max(12 - cell.count, 0)) + cell
    }
    print(padded.joined(separator: " "))
}

func rounded(_ value: Double, _ places: Int) -> String {
    let power = places == 1 ? 10.0 : 100.0
    return String((value * power).rounded() / power)
}

if CommandLine.arguments.count == 3, let passes = Int(CommandLine.arguments[2]) {
    for _ in 0..<passes {
        if CommandLine.arguments[1] == "floor" { encoding.floorKept() } else { try encoding.swiftKept() }
    }
    exit(0)
}

try encoding.swiftKept()
encoding.floorKept()
guard encoding.isEqual else {
    print("the two sides wrote different bytes")
    exit(1)
}
var costs: [String: [Cost]] = [:]
// In turn, so that what else the machine does falls on all alike.
for _ in 0..<31 {
    costs["floor kept", default: []].append(Cost.of { encoding.floorKept() })
    costs["swift kept", default: []].append(try Cost.of { try encoding.swiftKept() })
    costs["floor fresh", default: []].append(Cost.of { encoding.floorFresh() })
    costs["swift fresh", default: []].append(try Cost.of { try encoding.swiftFresh() })
}
print(
    "cells to bytes: \(Table.rowCount) rows, \(Table.valueCount) values, \(Table.labelCount) labels, \(encoding.bytes) bytes"
)
row(["", "ns/sample", "best", "x floor", "allocations"])
for memory in ["kept", "fresh"] {
    let floor = costs["floor \(memory)"] ?? []
    for side in ["floor", "swift"] {
        let found = costs["\(side) \(memory)"] ?? []
        row([
            "\(side == "floor" ? "C floor" : "pgsonde"), memory \(memory)",
            rounded(found.median.nanoseconds / Double(Encoding.series), 1),
            rounded(found.best.nanoseconds / Double(Encoding.series), 1),
            rounded(found.median.nanoseconds / floor.median.nanoseconds, 2), String(found.median.allocations),
        ])
    }
}

// The daemon is measured where it has been built for release and libpq's environment names a server.
let program = getenv("PGSONDE_PROGRAM").map { String(cString: $0) } ?? ".build/release/pgsonde"
if access(program, X_OK) == 0, getenv("PGHOST") != nil {
    Scraping.measure(program: program)
} else {
    print(
        "\nthe daemon is left out: build it for release (make release), and name a server by PGHOST, PGPORT, PGUSER, PGPASSWORD"
    )
}
