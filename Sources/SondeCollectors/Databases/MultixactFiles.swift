package import Sonde

extension Definition {
    /// The files of multixact members: until 18 all that SQL can tell of how many there are.
    ///
    /// Members are numbered up to 2^32, and writes end before their numbers meet. A file has room for 52 352 of them; the oldest and
    /// the newest file are not full, so this is somewhat too high. In 19 the numbers have 64 bits, and ``multixact`` counts.
    package static let multixactFiles = Definition(
        "multixact_files", help: "Files of multixact members (pg_ls_dir('pg_multixact/members'))",
        from: [
            13: """
            (SELECT count(*) AS files, current_setting('block_size')::bigint AS block
            FROM pg_ls_dir('pg_multixact/members')) AS f
            """, 19: nil,
        ],
        columns: [
            .gauge(
                "bytes", [13: "f.files * 32 * f.block", 19: nil], in: .bytes,
                help: "Disk space of the members, up to 18 (pg_ls_dir('pg_multixact/members'))"),
            // A page has groups of four members in twenty bytes.
            .gauge(
                "members", [13: "f.files * 32 * (f.block / 20) * 4", 19: nil],
                help: "Members that the files have room for, up to 18 (pg_ls_dir('pg_multixact/members'))"),
            .gauge(
                "members_remaining_ratio",
                [13: "greatest(1 - f.files * 32 * (f.block / 20) * 4 / 4294967296::double precision, 0)", 19: nil],
                in: .ratio,
                help: "Share of the 2^32 members that is left, up to 18 (pg_ls_dir('pg_multixact/members'))"),
        ],
        requires: .init(privileges: ["EXECUTE ON FUNCTION pg_ls_dir(text)"]), cost: .heavy)
}
