/// SQL about WAL files by their names: timeline, high half of the position, segment, eight hexadecimal digits each.
enum WALFile {
    /// The size of a WAL file.
    static let size = "pg_size_bytes(current_setting('wal_segment_size'))"

    /// The position, as a number, at which the file of the name that an expression gives begins.
    static func start(of name: String) -> String {
        """
        (('x' || substr(\(name), 9, 8))::bit(32)::bigint * 4294967296
        + ('x' || substr(\(name), 17, 8))::bit(32)::bigint * \(size))
        """
    }

    /// Where this server stands, be it a primary or a standby that others follow.
    static let ownPosition = """
        (SELECT CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
        ELSE pg_current_wal_lsn() END AS lsn)
        """
}
