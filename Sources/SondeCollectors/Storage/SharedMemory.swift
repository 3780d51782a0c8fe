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

    /// `pg_shmem_allocations_numa`, which exists since 18: on which node of memory each part of it lies.
    ///
    /// The server touches every page to find out, so it is not run by default. What is on no node yet is left out. Without support for NUMA the view is an error, and is not
    /// asked.
    package static let sharedMemoryNUMA = Definition(
        "shared_memory_numa", help: "Shared memory by node of memory (pg_shmem_allocations_numa)",
        from: [18: "pg_shmem_allocations_numa AS s WHERE pg_numa_available() AND s.size > 0"],
        columns: [
            .label("name", "s.name"),
            .label("numa_node", "s.numa_node"),
            .gauge(
                "size_bytes", "sum(s.size)", in: .bytes,
                help: "Size of what lies on the node (pg_shmem_allocations_numa.size)"),
        ],
        requires: .init(roles: ["pg_read_all_stats"]), cost: .heavy, every: .seconds(3_600), group: true, enabled: false
    )

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
