import Testing

@testable import SondeDaemon

@Suite("Comparing pages")
struct ComparisonTests {
    private static let page = """
        # HELP shop_orders_total Orders
        # TYPE shop_orders_total counter
        shop_orders_total{kind="a",empty=""} 1e+03
        shop_orders_total{kind="b\\"{},= \\\\"} 2 1700000000000
        # TYPE shop_wait histogram
        shop_wait_bucket{le="1"} 1
        shop_wait_bucket{le="+Inf"} 2
        shop_wait_sum 3.5
        shop_wait_count 2
        shop_plain NaN

        """

    private static func differences(
        _ left: String, _ right: String, isShape: Bool = false
    ) throws -> [String] {
        try Comparison(ScrapedPage(left), ScrapedPage(right), isShape: isShape).differences.map(\.text)
    }

    @Test("a page agrees with itself, however it is written")
    func same() throws {
        let other = Self.page.replacing("1e+03", with: "1000").replacing(",empty=\"\"", with: ",server=\"x\"")
            .replacing("# HELP shop_orders_total Orders\n", with: "# HELP shop_orders_total Other words\n")
        let comparison = try Comparison(ScrapedPage(Self.page), ScrapedPage(other))
        // Only the name of a label is new.
        #expect(
            comparison.differences.map(\.text) == [
                "other labels: shop_orders_total has {empty,kind}, then {kind,server}"
            ])
        let same = try Comparison(ScrapedPage(Self.page), ScrapedPage(Self.page))
        #expect(same.differences.isEmpty)
        #expect(same.families == 3 && same.equal == 7 && same.byRule == 0)
    }

    @Test(
        "tells what differs, family by family",
        arguments: [
            ("shop_plain NaN\n", "", ["missing family: shop_plain"]),
            ("shop_plain NaN\n", "shop_plain 1\n", ["other value: shop_plain is nan, then 1.0"]),
            ("shop_plain NaN\n", "shop_plain NaN\nshop_more 1\n", ["extra family: shop_more"]),
            (
                "# TYPE shop_orders_total counter\n", "# TYPE shop_orders_total gauge\n",
                ["other type: shop_orders_total is counter, then gauge"]
            ),
            (
                "# TYPE shop_wait histogram\n", "",
                [
                    "missing family: shop_wait", "extra family: shop_wait_bucket", "extra family: shop_wait_count",
                    "extra family: shop_wait_sum",
                ]
            ),
            (
                "shop_wait_bucket{le=\"1\"} 1\n", "shop_wait_bucket{le=\"2\"} 1\n",
                [
                    "missing sample: shop_wait_bucket{le=\"1\"}", "extra sample: shop_wait_bucket{le=\"2\"}",
                ]
            ),
            (
                "kind=\"a\"", "kind=\"c\"",
                [
                    "missing sample: shop_orders_total{kind=\"a\"}", "extra sample: shop_orders_total{kind=\"c\"}",
                ]
            ),
            ("1e+03", "1001", ["other value: shop_orders_total{kind=\"a\"} is 1000.0, then 1001.0"]),
        ] as [(String, String, [String])])
    func differs(old: String, new: String, expected: [String]) throws {
        #expect(try Self.differences(Self.page, Self.page.replacing(old, with: new)) == expected)
    }

    @Test(
        "a rule lets values differ, and no further",
        arguments: [
            ("pg_stat_database_xact_commit{datname=\"a\"} 5", "pg_stat_database_xact_commit{datname=\"a\"} 7", true),
            ("pg_stat_database_xact_commit{datname=\"a\"} 5", "pg_stat_database_xact_commit{datname=\"a\"} 4", false),
            ("pg_stat_database_xact_commit{datname=\"a\"} 5", "pg_stat_database_xact_commit{datname=\"b\"} 5", false),
            ("pg_stat_database_deadlocks{datname=\"a\"} 5", "pg_stat_database_deadlocks{datname=\"a\"} 6", false),
            (
                "pg_locks_count{datname=\"a\",mode=\"accesssharelock\"} 1",
                "pg_locks_count{datname=\"a\",mode=\"accesssharelock\"} 0", true
            ),
            (
                "pg_locks_count{datname=\"a\",mode=\"sharelock\"} 1",
                "pg_locks_count{datname=\"a\",mode=\"sharelock\"} 0", false
            ),
            (
                "pg_stat_database_active_time_seconds_total{datname=\"a\"} 0.009666000000000001",
                "pg_stat_database_active_time_seconds_total{datname=\"a\"} 0.009666", true
            ),
            (
                "pg_stat_statements_seconds_total{queryid=\"2\"} 0.010042085",
                "pg_stat_statements_seconds_total{queryid=\"2\"} 0.010042084999999997", true
            ),
            ("pg_replication_lag 1", "pg_replication_lag 9", true),
            ("go_threads 5", "", true), ("pg_up 1", "pg_up 0", false),
            ("pg_settings_jit 1", "", true), ("pg_settings_work_mem_bytes 1", "", false),
            ("pg_replication_lag_seconds 1", "pg_replication_lag_seconds 9", true),
            (
                "pg_stat_statements_calls_total{queryid=\"1\"} 1\npg_stat_statements_calls_total{queryid=\"2\"} 1",
                "pg_stat_statements_calls_total{queryid=\"2\"} 3", true
            ),
            (
                "pg_stat_statements_calls_total{queryid=\"2\"} 4", "pg_stat_statements_calls_total{queryid=\"2\"} 3",
                false
            ),
        ])
    func rules(left: String, right: String, isGood: Bool) throws {
        #expect(try Self.differences("pg_x 1\n\(left)\n", "pg_x 1\n\(right)\n").isEmpty == isGood)
    }

    @Test("of sessions, every database and state must be there, whoever is in it")
    func sessions() throws {
        let left = """
            pg_stat_activity_count{datname="a",state="idle",usename="x"} 1
            pg_stat_activity_count{datname="a",state="active",usename=""} 0

            """
        let right = """
            pg_stat_activity_count{datname="a",state="idle",usename="y"} 4
            pg_stat_activity_count{datname="a",state="active",usename="y"} 1

            """
        #expect(try Self.differences(left, right) == [])
        let fewer = right.replacing(
            "pg_stat_activity_count{datname=\"a\",state=\"active\",usename=\"y\"} 1\n", with: "")
        #expect(
            try Self.differences(left, fewer) == [
                "missing sample: pg_stat_activity_count{datname=\"a\",state=\"active\"}"
            ])
    }

    @Test(
        "bounds of buckets and quantiles are numbers, however they are written",
        arguments: [
            ("le=\"1\"", "le=\"1.0\"", true), ("le=\"+Inf\"", "le=\"Inf\"", true), ("le=\"0.5\"", "le=\"5e-01\"", true),
            ("quantile=\"0.5\"", "quantile=\"0.50\"", true), ("le=\"1\"", "le=\"1.5\"", false),
            ("le=\"1e+30\"", "le=\"1e30\"", true), ("le=\"x\"", "le=\"y\"", false),
            ("kind=\"1\"", "kind=\"1.0\"", false),
        ])
    func bounds(left: String, right: String, isGood: Bool) throws {
        let text = "# TYPE shop_wait histogram\nshop_wait_bucket{\(left)} 1\n"
        #expect(try Self.differences(text, text.replacing(left, with: right)).isEmpty == isGood)
    }

    @Test("of shapes, values and samples are no matter")
    func shape() throws {
        let left = "pg_a{x=\"1\"} 1\npg_a{x=\"2\"} 2\npg_b 1\n"
        #expect(try Self.differences(left, "pg_a{x=\"3\"} 4\npg_b 2\n", isShape: true) == [])
        #expect(
            try Self.differences(left, "pg_a{y=\"3\"} 4\npg_b 2\n", isShape: true) == [
                "other labels: pg_a has {x}, then {y}"
            ])
    }

    @Test("what is not compared is of one type all the same")
    func ignored() throws {
        let left = "# TYPE pg_settings_jit gauge\npg_settings_jit 1\n"
        #expect(try Self.differences(left, left.replacing("jit 1", with: "jit 0")) == [])
        #expect(
            try Self.differences(left, left.replacing("gauge", with: "counter")) == [
                "other type: pg_settings_jit is gauge, then counter"
            ])
    }

    @Test(
        "what is no page is told by its line",
        arguments: [
            "pg_a", "pg_a{x} 1", "pg_a{x=1} 1", "pg_a{x=\"1} 1", "pg_a x", "{x=\"1\"} 1", "pg_a 1 2 3", "<html>",
        ])
    func faults(line: String) {
        let fault = #expect(throws: ScrapedPage.Fault.self) { try ScrapedPage("pg_b 1\n\(line)\n") }
        #expect(fault?.description.hasPrefix("line 2 is no sample") == true)
    }

    @Test("what is there twice is told, whatever its values, its empty labels and the rules")
    func duplicates() throws {
        let page = "pg_a{x=\"1\",server=\"s\"} 1\npg_a{x=\"1\",server=\"t\"} 1\npg_settings_jit 1\n"
        #expect(try Self.differences(page, page) == [])
        let twice = page + "pg_a{server=\"s\",y=\"\",x=\"1\"} 2\npg_settings_jit 1\n"
        #expect(
            try Self.differences(page, twice, isShape: true).filter { $0.hasPrefix("same") } == [
                "same sample twice: pg_a{server=\"s\",x=\"1\"}, in the second page",
                "same sample twice: pg_settings_jit, in the second page",
            ])
        #expect(try Self.differences(twice, page).count { $0.hasSuffix("in the first page") } == 2)
    }

    @Test("of pages with several servers, each is compared with its namesake")
    func servers() throws {
        let page = "pg_a{server=\"s\"} 1\npg_a{server=\"t\"} 2\n"
        #expect(try Self.differences(page, page.replacing("} 2", with: "} 3")).count == 1)
        #expect(try Self.differences(page, page.replacing("} 1", with: "} 3")).count == 1)
    }

    @Test("users and passwords are found by the machine's name, and sent as basic authentication has them")
    func logins() {
        let file = NetrcFile(
            """
            machine db1 login me password geheim machine db2
              login you account x password a:b
            default login any password y
            """)
        #expect(file.authorization(for: "db1") == "Basic bWU6Z2VoZWlt")
        #expect(file.authorization(for: "db2") == "Basic eW91OmE6Yg==")
        #expect(file.authorization(for: "db3") == "Basic YW55Onk=")
        #expect(NetrcFile("machine db1 login x").authorization(for: "db2") == nil)
        #expect(NetrcFile("password x machine").authorization(for: "db2") == nil)
    }
}
