package import Sonde

extension Definition {
    /// `SHOW MEM`: PgBouncer's own memory, cache by cache.
    package static let pgbouncerMemory = Definition(
        "pgbouncer_memory", help: "Memory of PgBouncer, by cache (SHOW MEM)",
        query: "SHOW MEM",
        columns: [
            .label("name", "name"),
            .gauge("item_bytes", "size", in: .bytes, help: "Size of one item of the cache (SHOW MEM.size)"),
            .gauge("used_items", "used", help: "Items in use (SHOW MEM.used)"),
            .gauge("free_items", "free", help: "Items that are kept for later use (SHOW MEM.free)"),
            .gauge(
                "allocated_bytes", "memtotal", in: .bytes, help: "Memory of all items of the cache (SHOW MEM.memtotal)"),
        ],
        kind: .pgbouncer, cost: .medium)
}
