// Sendable by hand: nothing in it ever changes, and who can see it holds a borrow that ends before the cells do.
/// A result: a table of borrowed cells, valid only while ``RowSink/take(_:of:)`` runs.
///
/// Cells are PostgreSQL's text form, in UTF-8 unless the database is SQL_ASCII, and nil for NULL.
@safe public struct Rows: ~Copyable, @unchecked Sendable {
    /// One column of a result.
    public struct Column: Sendable, Hashable {
        /// The name, which is how cells are found.
        public let name: String
        /// The type's object identifier, `pg_type.oid`.
        public let type: UInt32

        /// Makes a column.
        public init(_ name: String, type: UInt32 = 25) {
            self.name = name
            self.type = type
        }
    }

    /// Bytes that somebody else owns.
    @unsafe @usableFromInline package struct Cell {
        @usableFromInline package let base: UnsafePointer<UInt8>
        @usableFromInline package let count: Int

        @inlinable package init(_ base: UnsafePointer<UInt8>, count: Int) {
            unsafe self.base = base
            unsafe self.count = count
        }
    }

    /// The columns, in the order of the result.
    public let columns: [Column]
    /// The number of rows.
    public let count: Int
    @usableFromInline let cells: UnsafeMutablePointer<Cell?>
    /// From one row to the next.
    @usableFromInline let stride: Int
    /// Whether the cells are another table's.
    @usableFromInline let isPart: Bool
    /// The bytes of a table that has its own.
    @usableFromInline let owned: UnsafeMutablePointer<UInt8>?

    /// Makes a table of cells that must outlive it.
    ///
    /// Inlined where results are read: with the closure within the loop a cell takes 17 instructions, else 35.
    ///
    /// - Parameters:
    ///   - columns: names and types.
    ///   - count: the number of rows.
    ///   - owned: the cells' bytes, where they are the table's own.
    ///   - cell: gives the cell of a row and a column; nil for NULL.
    @inlinable package init(
        columns: [Column], count: Int, owned: UnsafeMutablePointer<UInt8>? = nil, cell: (Int, Int) -> Cell?
    ) {
        self.columns = columns
        self.count = count
        stride = columns.count
        isPart = false
        unsafe cells = .allocate(capacity: max(count * columns.count, 1))
        unsafe self.owned = unsafe owned
        var next = 0
        for row in 0..<count {
            for column in 0..<columns.count {
                unsafe (cells + next).initialize(to: cell(row, column))
                next &+= 1
            }
        }
    }

    /// Makes a table of texts of its own, for tests and for collectors that read something other than PostgreSQL.
    ///
    /// - Parameters:
    ///   - columns: names and types.
    ///   - texts: the rows; a row that is too short ends in NULLs.
    public init(columns: [Column], texts: [[String?]]) {
        self.init(columns: columns, bytes: texts.map { row in row.map { $0.map { Array($0.utf8) } } })
    }

    /// Makes a table of bytes of its own, which need not be UTF-8.
    ///
    /// - Parameters:
    ///   - columns: names and types.
    ///   - bytes: the rows; a row that is too short ends in NULLs.
    public init(columns: [Column], bytes: [[[UInt8]?]]) {
        self.columns = columns
        count = bytes.count
        stride = columns.count
        isPart = false
        unsafe cells = .allocate(capacity: max(count * columns.count, 1))
        let size = bytes.reduce(0) { $0 + $1.reduce(0) { $0 + ($1?.count ?? 0) } }
        let owned = UnsafeMutablePointer<UInt8>.allocate(capacity: max(size, 1))
        unsafe self.owned = unsafe owned
        var end = 0
        for row in 0..<count {
            for column in 0..<columns.count {
                let place = unsafe cells + (row * columns.count + column)
                guard column < bytes[row].count, let text = bytes[row][column] else {
                    unsafe place.initialize(to: nil)
                    continue
                }
                unsafe (owned + end).initialize(from: text, count: text.count)
                unsafe place.initialize(to: Cell(owned + end, count: text.count))
                end += text.count
            }
        }
    }

    /// Some neighbouring columns of a table that must outlive this one.
    @unsafe private init(_ columns: [Column], count: Int, _ cells: UnsafeMutablePointer<Cell?>, stride: Int) {
        self.columns = columns
        self.count = count
        unsafe self.cells = unsafe cells
        self.stride = stride
        isPart = true
        unsafe owned = nil
    }

    /// The same table in memory of its own.
    package borrowing func copy() -> Rows {
        var size = 0
        for row in 0..<count {
            for column in 0..<columns.count { size += unsafe cell(row, column)?.count ?? 0 }
        }
        let owned = UnsafeMutablePointer<UInt8>.allocate(capacity: max(size, 1))
        var end = unsafe owned
        return unsafe Rows(columns: columns, count: count, owned: owned) { row, column in
            guard let cell = unsafe cell(row, column) else { return nil }
            unsafe end.initialize(from: cell.base, count: cell.count)
            defer { unsafe end += cell.count }
            return unsafe Cell(end, count: cell.count)
        }
    }

    /// Lends some neighbouring columns as a table of their own.
    package borrowing func with(columns window: Range<Int>, _ body: (borrowing Rows) throws -> Void) rethrows {
        let window = window.clamped(to: 0..<columns.count)
        let part = unsafe Rows(
            Array(columns[window]), count: count, cells + window.lowerBound, stride: stride)
        try body(part)
    }

    deinit {
        if isPart { return }
        unsafe cells.deallocate()
        unsafe owned?.deallocate()
    }

    /// The place of a column, by name.
    public func index(of name: String) -> Int? {
        columns.firstIndex { $0.name == name }
    }

    /// The place of the first of several names that is there.
    func index(ofOneOf names: [String]) -> Int? {
        for name in names {
            if let index = index(of: name) { return index }
        }
        return nil
    }

    /// The cell as text, in which invalid UTF-8 is replaced.
    ///
    /// - Parameters:
    ///   - row: the row, from 0.
    ///   - name: the column's name.
    /// - Returns: nil for NULL and outside the table.
    public func text(_ row: Int, _ name: String) -> String? {
        guard let column = index(of: name), (0..<count).contains(row), let cell = unsafe cell(row, column) else {
            return nil
        }
        return unsafe String(decoding: UnsafeBufferPointer(start: cell.base, count: cell.count), as: UTF8.self)
    }

    /// The cell of a column by its place, as ``text(_:_:)`` has it.
    func text(_ row: Int, at column: Int) -> String? {
        guard let cell = unsafe cell(row, column) else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: cell.base, count: cell.count), as: UTF8.self)
    }

    /// The cell as a number: `t` and `f` are 1 and 0, timestamps are seconds since 1970, intervals seconds, `pg_lsn` bytes.
    ///
    /// - Parameters:
    ///   - row: the row, from 0.
    ///   - name: the column's name.
    /// - Returns: nil for NULL, outside the table, and where the cell is not a number.
    public func number(_ row: Int, _ name: String) -> Double? {
        guard let column = index(of: name), (0..<count).contains(row), let cell = unsafe cell(row, column) else {
            return nil
        }
        var text = unsafe Bump(capacity: cell.count + Number.room)
        guard unsafe Number.put(cell, type: columns[column].type, scale: .one, to: &text) else { return nil }
        return Number.parse(text.string)
    }

    @inline(__always)
    package func cell(_ row: Int, _ column: Int) -> Cell? {
        unsafe cells[row &* stride &+ column]
    }
}
