import Testing

@Suite(.serialized, .enabled(if: TestServers.isAvailable))
struct RelationLockTests {
    /// The relation that each collector of what opens relations must do without while it is locked.
    private static let locked = [
        "table_size": "wide", "partitioned_table_size": "part", "index_redundant": "indexed_b_c2",
        "sequence_usage": "up", "table_bloat_approx": "wide",
    ]

    @Test("a lock on a table, partition, index or sequence costs that relation's new value, and nothing else")
    func some() async throws {
        try await RelationTests.with(17) { fault, server in
            try await server.sql("CREATE EXTENSION pgstattuple", database: "shop")
            try await server.sql(
                """
                CREATE TABLE rel.other (id int); CREATE INDEX other_a ON rel.other (id); CREATE INDEX other_b ON rel.other (id);
                ALTER ROLE monitor SET pgsonde.approx_tables = 'rel.wide,rel.vacuumed';
                """, database: "shop")
            let text = RelationTests.configuration(server, every: "1s")
            try await withDaemon(text) { daemon in
                let before = try await daemon.page("all have run") { page in
                    Self.locked.keys.allSatisfy {
                        page.value("pgsonde_collector_success", ["collector": $0]) == 1
                    }
                }
                let holders = try [
                    "LOCK TABLE rel.wide IN ACCESS EXCLUSIVE MODE", "LOCK TABLE rel.part_2_a IN ACCESS EXCLUSIVE MODE",
                    "REINDEX INDEX rel.indexed_b_c2",
                    // Not even the strongest lock: to read a sequence conflicts with more.
                    "ALTER SEQUENCE rel.up OWNED BY NONE",
                ].map { try FaultSession(fault, ["BEGIN", $0], database: "shop") }
                defer { for holder in holders { holder.end() } }
                try await server.sql(
                    "INSERT INTO rel.other SELECT i FROM generate_series(1, 9000) AS i", database: "shop")
                try await server.sql("SELECT setval('rel.step', 91)", database: "shop")
                let during = try await daemon.page("what is free is read on, what is locked is counted") { page in
                    Self.locked.keys.allSatisfy {
                        (page.value("pgsonde_collector_locked_relations", ["collector": $0]) ?? 0) >= 1
                    } && page.value("pg_sequence_usage_last_value", ["relname": "step"]) == 91
                        && page.value("pg_table_size_bytes", ["relname": "other"])
                            != before.value("pg_table_size_bytes", ["relname": "other"])
                        && page.value("pg_index_redundant_bytes", ["indexrelname": "other_b"])
                            != before.value("pg_index_redundant_bytes", ["indexrelname": "other_b"])
                }
                for (collector, relation) in Self.locked {
                    for family in before.families where family.name.hasPrefix("pg_\(collector)_") {
                        let own = { (page: PageText) in
                            page.samples(family.name).first {
                                ($0.labels["indexrelname"] ?? $0.labels["relname"]) == relation
                            }?.text
                        }
                        #expect(own(during) != nil || own(before) == nil, "\(family.name) of \(relation) is gone")
                        #expect(own(during) == own(before), "\(family.name) of \(relation)")
                        #expect(family.samples.count == during.samples(family.name).count, "\(family.name)")
                    }
                }
                for sample in during.samples("pgsonde_collector_state") {
                    #expect(sample.labels["state"] != "failed", "\(sample.labels)")
                }
                #expect(fault.errors() == [])
            }
        }
    }

    @Test("with every relation locked, what is told from catalogues and statistics is told as ever")
    func all() async throws {
        try await RelationTests.with(17) { fault, server in
            let free = { (page: PageText) in
                page.families.filter { family in
                    family.name.hasPrefix("pg_")
                        && ![
                            "pg_table_size_", "pg_partitioned_table_size_", "pg_index_size_",
                            "pg_index_redundant_", "pg_sequence_usage_", "pg_table_bloat_approx_",
                        ].contains {
                            family.name.hasPrefix($0)
                        }
                }.filter { family in
                    [
                        "pg_table_", "pg_partitioned_", "pg_index_", "pg_foreign_", "pg_sequence_", "pg_relation_",
                        "pg_function_",
                    ].contains { family.name.hasPrefix($0) }
                }
            }
            let before = try PageText(try await RelationTests.page(server))
            let holder = try FaultSession(
                fault,
                [
                    "BEGIN",
                    """
                    DO $$ DECLARE r record; BEGIN
                    FOR r IN SELECT oid::regclass AS name, relkind FROM pg_class WHERE relnamespace = 'rel'::regnamespace
                    AND relkind IN ('r', 'p', 'm', 'S') ORDER BY oid LOOP
                      IF r.relkind IN ('r', 'p') THEN EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', r.name);
                      ELSIF r.relkind = 'm' THEN EXECUTE format('ALTER MATERIALIZED VIEW %s RENAME TO seen_too', r.name);
                      ELSE EXECUTE format('ALTER SEQUENCE %s CACHE 1', r.name); END IF;
                    END LOOP; END $$
                    """,
                ], database: "shop")
            defer { holder.end() }
            try await eventually("all are locked") {
                try await fault.sql(
                    "SELECT count(DISTINCT relation) > 12 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"
                ) == "t"
            }
            let during = try PageText(try await RelationTests.page(server))
            #expect(free(during).map(\.name) == free(before).map(\.name))
            for (one, other) in zip(free(before), free(during)) {
                #expect(one.samples.count == other.samples.count, "\(one.name)")
            }
            #expect(free(during).count > 70)
            for sample in during.samples("pgsonde_collector_state") {
                #expect(sample.labels["state"] != "failed", "\(sample.labels)")
            }
            #expect(fault.errors() == [])
        }
    }
}
