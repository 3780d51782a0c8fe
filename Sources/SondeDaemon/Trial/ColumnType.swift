import Sonde

/// Whether what the server gives for a column is what the definition says that it is.
struct ColumnType {
    /// `pg_type.oid`.
    let oid: UInt32
    /// The type's name, as PostgreSQL writes it.
    let name: String

    /// Something to say of a type.
    struct Remark {
        let text: String
        let isError: Bool
    }

    /// The types whose cells are times.
    private static let times: Set<UInt32> = [1_082, 1_114, 1_184]
    /// `int2`, `int4`, `int8`, `oid`, `xid`, `xid8`, `float4`, `float8`, `numeric`.
    private static let numbers: Set<UInt32> = [21, 23, 20, 26, 28, 5_069, 700, 701, 1_700]
    /// Arrays of such numbers.
    private static let arrays: Set<UInt32> = [1_005, 1_007, 1_016, 1_021, 1_022, 1_231]
    /// `text`, `varchar`, `bpchar` and what a bare literal has.
    private static let texts: Set<UInt32> = [25, 1_043, 1_042, 705]

    /// What is to be said of the type of a label.
    var remarkOnLabel: Remark? {
        // Numbers with fractions, times, documents, bytes.
        let many: Set<UInt32> = [700, 701, 1_700, 1_082, 1_114, 1_184, 1_186, 114, 3_802, 17, 3_220]
        guard many.contains(oid) else { return nil }
        return Remark(text: "a label of type \(name) makes a new series of every value", isError: false)
    }

    /// What is to be said of the type of an array of a histogram.
    var remarkOnArray: Remark? {
        guard !Self.arrays.contains(oid) else { return nil }
        return Remark(
            text: "is of type \(name) where an array of numbers is needed: cast it, ::float8[]", isError: true)
    }

    /// What is to be said of the type of a number.
    func remark(in unit: Unit) -> Remark? {
        switch oid {
        case _ where Self.times.contains(oid):
            guard unit == .timestamp else {
                return Remark(
                    text: "is of type \(name), shown as seconds since 1970: write in: timestamp, or the age it has",
                    isError: true)
            }
            guard oid == 1_114 else { return nil }
            return Remark(text: "has no time zone and is taken as UTC: use timestamptz", isError: false)
        case 1_186:
            return unit.suffix == "seconds"
                ? nil : Remark(text: "is an interval, shown in seconds: write in: seconds", isError: true)
        case 3_220:
            return unit.suffix == "bytes"
                ? nil : Remark(text: "is a place in the WAL, shown in bytes: write in: bytes", isError: true)
        case 16:
            return unit == .count
                ? nil : Remark(text: "is true or false, shown as 1 or 0: remove the key \"in\"", isError: true)
        case _ where Self.numbers.contains(oid):
            return nil
        case _ where Self.texts.contains(oid):
            return Remark(text: "is text: what is no number in it is left out: cast it to a number", isError: false)
        default:
            return Remark(
                text: "is of type \(name), which is no number: write an expression that is one", isError: true)
        }
    }
}
