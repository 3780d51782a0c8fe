package import Sonde

extension Definition {
    /// `pg_shmem_allocations`: what the server's shared memory is spent on; it changes only as extensions ask for more.
    ///
    /// Memory that nothing has asked for yet has no name.
    package static let sharedMemory = Definition(
        "shared_memory", help: "Shared memory by what it is for (pg_shmem_allocations)",
        from: "pg_shmem_allocations AS s",
        columns: [
            .label("name", "s.name"),
            .gauge("size_bytes", "s.size", in: .bytes, help: "Size that was asked for (pg_shmem_allocations.size)"),
            .gauge(
                "allocated_bytes", "s.allocated_size", in: .bytes,
                help: "Size with padding; without a name what is still free (pg_shmem_allocations.allocated_size)"),
        ],
        requires: .init(privileges: [
            "SELECT ON pg_shmem_allocations", "EXECUTE ON FUNCTION pg_get_shmem_allocations()",
        ]),
        every: .seconds(600))

    /// `pg_dsm_registry_allocations`, which exists since 19.
    package static let sharedMemoryRegistry = Definition(
        "dsm_registry", help: "Dynamic shared memory of extensions (pg_dsm_registry_allocations)",
        from: [19: "pg_dsm_registry_allocations AS s"],
        columns: [
            .label("name", "s.name"),
            .gauge(
                "size_bytes", "s.size", in: .bytes,
                help: "Size of the allocation (pg_dsm_registry_allocations.size)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]), every: .seconds(600))
}
