package import Sonde

extension Definition {
    /// `pg_control_system()` and `pg_control_init()`: what the control file says of the cluster itself.
    package static let control = Definition(
        "control", help: "Versions and sizes that the cluster was made with (pg_control_system(), pg_control_init())",
        from: "pg_control_system() AS s CROSS JOIN pg_control_init() AS i",
        columns: [
            .info("pg_control_version", "s.pg_control_version"),
            .info("catalog_version_no", "s.catalog_version_no"),
            .gauge(
                "last_modified_timestamp_seconds", "s.pg_control_last_modified", in: .timestamp,
                help: "When the control file was last written (pg_control_system().pg_control_last_modified)"),
            .gauge(
                "data_page_checksum_version", "i.data_page_checksum_version",
                help: "Version of the checksums of data pages, 0 if there are none "
                    + "(pg_control_init().data_page_checksum_version)"),
            .gauge(
                "database_block_bytes", "i.database_block_size", in: .bytes,
                help: "Size of a page of a table or index (pg_control_init().database_block_size)"),
            .gauge(
                "wal_block_bytes", "i.wal_block_size", in: .bytes,
                help: "Size of a page of WAL (pg_control_init().wal_block_size)"),
            .gauge(
                "wal_segment_bytes", "i.bytes_per_wal_segment", in: .bytes,
                help: "Size of a file of WAL (pg_control_init().bytes_per_wal_segment)"),
            .gauge(
                "relation_segment_bytes", "i.blocks_per_segment::bigint * i.database_block_size", in: .bytes,
                help: "Size at which a relation's next file begins (pg_control_init().blocks_per_segment)"),
        ], cost: .medium)
}
