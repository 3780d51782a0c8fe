/// Tables, indexes, sequences and functions of which it is known what the page must say.
enum RelationObjects {
    /// What makes them, in an empty database; autovacuum must not come in between.
    static let sql = tables + indexes + sequences + functions + foreignKeys + partitions

    private static let tables = """
        CREATE SCHEMA rel;
        CREATE TABLE rel.vacuumed (id int PRIMARY KEY, body text, at timestamptz);
        INSERT INTO rel.vacuumed SELECT i, repeat('x', i % 40), now() FROM generate_series(1, 20000) AS i;
        INSERT INTO rel.vacuumed SELECT 0, string_agg(md5(i::text), ''), now() FROM generate_series(1, 3000) AS i;
        SELECT length(body) FROM rel.vacuumed WHERE id = 0;
        DELETE FROM rel.vacuumed WHERE id % 3 <> 0;
        VACUUM (ANALYZE) rel.vacuumed;
        CREATE TABLE rel.never (id int);
        CREATE UNLOGGED TABLE rel.unlogged (id int, what json) WITH (fillfactor = 70, autovacuum_enabled = false,
            autovacuum_vacuum_threshold = 7, autovacuum_vacuum_scale_factor = 0.5, autovacuum_analyze_threshold = 11,
            autovacuum_analyze_scale_factor = 0.25, autovacuum_vacuum_insert_threshold = -1,
            autovacuum_freeze_max_age = 150000);
        INSERT INTO rel.unlogged SELECT i, '{}' FROM generate_series(1, 4000) AS i;
        VACUUM (ANALYZE) rel.unlogged;
        CREATE MATERIALIZED VIEW rel.seen AS SELECT id FROM rel.unlogged;
        -- Estimates: a wide one with NULLs and every alignment, a tight one, and one with an index of every kind.
        CREATE TABLE rel.wide (a text, b int, c bigint, d smallint, e bool, f numeric, g uuid, h text);
        INSERT INTO rel.wide SELECT repeat('y', i % 200), i, i, i % 100, true, i * 1.5, md5(i::text)::uuid,
            CASE WHEN i % 2 = 0 THEN 'z' END FROM generate_series(1, 30000) AS i;
        CREATE INDEX wide_a ON rel.wide (a);
        CREATE INDEX wide_b ON rel.wide (b);
        CREATE UNIQUE INDEX wide_bc ON rel.wide (b, c);
        CREATE INDEX wide_d ON rel.wide (d);
        CREATE INDEX wide_gf ON rel.wide (g, f);
        CREATE INDEX wide_h ON rel.wide (h);
        CREATE INDEX wide_lower ON rel.wide (lower(a));
        DELETE FROM rel.wide WHERE b % 3 <> 0;
        VACUUM (ANALYZE) rel.wide;

        """

    /// Which of these are needless, and for which other, is written down in ``TruthCase/relationDetails``.
    private static let indexes = """
        CREATE TABLE rel.indexed (a int PRIMARY KEY, b int, c text, d int UNIQUE DEFERRABLE);
        INSERT INTO rel.indexed SELECT i, i % 10, md5(i::text), i FROM generate_series(1, 1000) AS i;
        CREATE INDEX indexed_a ON rel.indexed (a);
        CREATE INDEX indexed_b ON rel.indexed (b);
        CREATE INDEX indexed_b_c ON rel.indexed (b, c);
        CREATE INDEX indexed_b_c2 ON rel.indexed (b, c);
        CREATE INDEX indexed_c_b ON rel.indexed (c, b);
        CREATE INDEX indexed_b_desc ON rel.indexed (b DESC);
        CREATE INDEX indexed_part ON rel.indexed (b) WHERE d > 5;
        CREATE INDEX indexed_part2 ON rel.indexed (b) WHERE   d   >   5;
        CREATE INDEX indexed_part3 ON rel.indexed (b) WHERE d > 6;
        CREATE INDEX indexed_lower ON rel.indexed (lower(c));
        CREATE INDEX indexed_lower2 ON rel.indexed (  LOWER( c ));
        CREATE INDEX indexed_upper ON rel.indexed (upper(c));
        CREATE INDEX indexed_pattern ON rel.indexed (c text_pattern_ops);
        CREATE INDEX indexed_collated ON rel.indexed (c COLLATE "C");
        CREATE INDEX indexed_including ON rel.indexed (c COLLATE "C") INCLUDE (d);
        CREATE INDEX indexed_hash ON rel.indexed USING hash (d);
        CREATE INDEX indexed_hash2 ON rel.indexed USING hash (d);
        CREATE INDEX indexed_brin ON rel.indexed USING brin (d);
        CREATE INDEX indexed_brin2 ON rel.indexed USING brin (d) WITH (pages_per_range = 1);
        CREATE UNIQUE INDEX indexed_d ON rel.indexed (d);
        CREATE UNIQUE INDEX indexed_d_a ON rel.indexed (d, a);
        -- The oldest that covers one is not its equal, or needless itself.
        CREATE TABLE rel.covered (b int, c int, d int);
        CREATE INDEX covered_b_c ON rel.covered (b, c);
        CREATE INDEX covered_b ON rel.covered (b);
        CREATE INDEX covered_b2 ON rel.covered (b);
        CREATE INDEX covered_c_b ON rel.covered (c, b);
        CREATE INDEX covered_c_b_d ON rel.covered (c, b, d);
        CREATE INDEX covered_c ON rel.covered (c);
        SET enable_seqscan = off;
        SELECT count(*) FROM rel.indexed WHERE b = 5;
        CREATE TABLE rel.broken (id int, twin int);
        INSERT INTO rel.broken VALUES (1, 1), (2, 1);
        -- As CREATE INDEX CONCURRENTLY leaves one that failed.
        CREATE INDEX broken_twin ON rel.broken (twin);
        UPDATE pg_index SET indisvalid = false, indisready = false WHERE indexrelid = 'rel.broken_twin'::regclass;

        """

    private static let sequences = """
        CREATE SEQUENCE rel.up MAXVALUE 100;
        SELECT setval('rel.up', 80);
        CREATE SEQUENCE rel.down INCREMENT -1 MINVALUE -100 MAXVALUE -1;
        SELECT setval('rel.down', -95);
        CREATE SEQUENCE rel.round MAXVALUE 10 CYCLE;
        SELECT setval('rel.round', 10);
        CREATE SEQUENCE rel.step INCREMENT 30 MAXVALUE 100;
        SELECT setval('rel.step', 61);
        CREATE SEQUENCE rel.done MAXVALUE 3;
        SELECT setval('rel.done', 3);
        CREATE SEQUENCE rel.huge;
        SELECT setval('rel.huge', 9223372036854775807);
        CREATE SEQUENCE rel.lowest INCREMENT -1;
        SELECT setval('rel.lowest', -9223372036854775808);
        CREATE SEQUENCE rel.uncalled;
        CREATE TABLE rel.filled (small smallserial, big bigserial, id int GENERATED ALWAYS AS IDENTITY);
        ALTER SEQUENCE rel.filled_small_seq AS bigint NO MAXVALUE;
        SELECT setval('rel.filled_small_seq', 16384);
        ALTER SEQUENCE rel.filled_id_seq AS bigint NO MAXVALUE;
        SELECT setval('rel.filled_id_seq', 1073741824);

        """

    private static let functions = """
        SET track_functions = 'all';
        CREATE FUNCTION rel.slow(int) RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.02); RETURN $1; END';
        CREATE FUNCTION rel.slow(text) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN rel.slow(1); END';
        SELECT rel.slow(1), rel.slow('a'), rel.slow('b');

        """

    private static let foreignKeys = """
        CREATE TABLE rel.parent (id int PRIMARY KEY, big bigint UNIQUE, UNIQUE (id, big));
        CREATE TABLE rel.child (p int REFERENCES rel.parent, q int REFERENCES rel.parent (big), r int, s bigint);
        ALTER TABLE rel.child ADD FOREIGN KEY (r, s) REFERENCES rel.parent (id, big) NOT VALID;
        CREATE INDEX ON rel.child (s, r, p);
        CREATE INDEX ON rel.child (p) WHERE p > 3;
        CREATE TABLE rel.indexed_child (p int REFERENCES rel.parent);
        CREATE INDEX ON rel.indexed_child (p);
        SELECT current_setting('server_version_num')::int >= 180000 AS is_18, EXISTS (
            SELECT FROM pg_available_extensions WHERE name = 'btree_gist') AS has_gist \\gset
        \\if :is_18
        CREATE TABLE rel.unenforced (p int REFERENCES rel.parent NOT ENFORCED);
        \\if :has_gist
        CREATE EXTENSION btree_gist;
        CREATE TABLE rel.period (id int, v tstzrange, PRIMARY KEY (id, v WITHOUT OVERLAPS));
        CREATE TABLE rel.temporal (id int, v tstzrange, w tstzrange,
            FOREIGN KEY (id, PERIOD v) REFERENCES rel.period (id, PERIOD v),
            FOREIGN KEY (id, PERIOD w) REFERENCES rel.period (id, PERIOD v));
        CREATE INDEX ON rel.temporal USING gist (id, v);
        \\endif
        \\endif

        """

    private static let partitions = """
        CREATE TABLE rel.part (at date PRIMARY KEY, id int REFERENCES rel.parent, what text) PARTITION BY RANGE (at);
        CREATE TABLE rel.part_1 PARTITION OF rel.part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
        CREATE TABLE rel.part_2 PARTITION OF rel.part FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
            PARTITION BY RANGE (at);
        CREATE TABLE rel.part_2_a PARTITION OF rel.part_2 FOR VALUES FROM ('2025-01-01') TO ('2025-07-01');
        CREATE TABLE rel.part_rest PARTITION OF rel.part DEFAULT;
        INSERT INTO rel.part SELECT '2024-06-01'::date + i, NULL, 'x' FROM generate_series(0, 300) AS i;
        INSERT INTO rel.part VALUES ('2030-01-01', NULL, repeat('x', 3000));
        DELETE FROM rel.part WHERE at < '2024-07-01';
        SELECT count(*) FROM rel.part WHERE at > '2024-01-01';
        VACUUM (ANALYZE) rel.part_1;
        ANALYZE rel.part_2_a;
        -- To it refer two keys of one table, which are one key for each partition in the catalogue.
        CREATE TABLE rel.referring (at date REFERENCES rel.part);
        CREATE INDEX ON rel.referring (at);

        """
}
