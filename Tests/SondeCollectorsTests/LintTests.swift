import Sonde
import SondeTesting
import Testing

@Suite("The lint")
struct LintTests {
    /// A collector named `shop` with one metric.
    struct Shop: Collector {
        struct Nothing: Reader {
            mutating func read(_ rows: borrowing Rows, of step: Int, into samples: inout Samples) {}
        }

        let name = "shop"
        let help = "Sales (shop.sales)"
        let metrics: [Metric]

        func plan(for facts: Facts, without refused: Set<String>) -> Plan { .steps([]) }
        func makeReader(for timing: Timing) -> any Reader { Nothing() }
    }

    static func problems(_ metric: Metric) -> [String] {
        Lint.problems(of: Shop(metrics: [metric]))
    }

    @Test(
        "passes what keeps the rules",
        arguments: [
            Metric("my_shop_orders_total", .counter, help: "Orders (shop.orders)", labels: ["customer_kind"]),
            Metric("my_shop_sent_bytes_total", .counter, in: .kilobytes, help: "Mail sent (shop.mail)"),
            Metric("my_shop_wait_seconds", in: .milliseconds, help: "1 minute or more (shop_wait())"),
            Metric(
                "my_shop_closed_timestamp_seconds", in: .timestamp, help: "End of the day (shop.closed_at, round(2))"),
            Metric("my_shop_full_ratio", in: .percent, help: "Share (shop.full)"),
            Metric("my_shop_info", .info, help: "Sales (shop.sales)", labels: ["version"]),
        ])
    func passes(metric: Metric) {
        #expect(Self.problems(metric) == [])
    }

    @Test(
        "finds what breaks them",
        arguments: [
            (Metric("my_shop_Orders", help: "Orders (shop.orders)"), "lower-case words"),
            (Metric("my_shop__orders", help: "Orders (shop.orders)"), "lower-case words"),
            (Metric("my_shop:orders", help: "Orders (shop.orders)"), "lower-case words"),
            (Metric("orders", help: "Orders (shop.orders)"), "_shop_"),
            (Metric("my_shopping_orders", help: "Orders (shop.orders)"), "_shop_"),
            (Metric("my_shop_orders", .counter, help: "Orders (shop.orders)"), "ends in _total"),
            (Metric("my_shop_orders_total", help: "Orders (shop.orders)"), "only a counter"),
            (Metric("my_shop_version", .info, help: "Version (shop.version)"), "ends in _info"),
            (Metric("my_shop_info", help: "Version (shop.version)"), "only a constant"),
            (Metric("my_shop_wait", in: .seconds, help: "Wait (shop.wait)"), "ends in _seconds"),
            (Metric("my_shop_wait_seconds", help: "Wait (shop.wait)"), "the name says seconds"),
            (Metric("my_shop_closed_seconds", in: .timestamp, help: "Closed (shop.closed)"), "_timestamp_seconds"),
            (
                Metric("my_shop_closed_timestamp_seconds", in: .seconds, help: "Closed (shop.closed)"),
                "ends in _seconds"
            ),
            (
                Metric("my_shop_reset_timestamp_seconds_total", .counter, in: .timestamp, help: "Reset (shop.reset)"),
                "is a gauge"
            ),
            (Metric("my_shop_wait_ms", help: "Wait (shop.wait)"), "ms is no base unit"),
            (Metric("my_shop_full_percent", help: "Full (shop.full)"), "percent is no base unit"),
            (Metric("my_shop_orders_count", help: "Orders (shop.orders)"), "for histograms"),
            (Metric("my_shop_orders", help: ""), "help is missing"),
            (Metric("my_shop_orders", help: "orders (shop.orders)"), "capital"),
            (Metric("my_shop_orders", help: "Orders (shop.orders)."), "full stop"),
            (Metric("my_shop_orders", help: "Orders\n(shop.orders)"), "one line"),
            (Metric("my_shop_orders", help: "Orders"), "source"),
            (Metric("my_shop_orders", help: "Orders (all of them)"), "source"),
            (Metric("my_shop_orders", help: "shop.orders)"), "source"),
            (Metric("my_shop_orders", help: "Orders (shop.orders)", labels: ["database"]), "no label of ours"),
            (Metric("my_shop_orders", help: "Orders (shop.orders)", labels: ["pid"]), "no label of ours"),
            (Metric("my_shop_orders", help: "Orders (shop.orders)", labels: ["exported_job"]), "no label of ours"),
            (Metric("my_shop_orders", help: "Orders (shop.orders)", labels: ["Kind"]), "lower-case words"),
            (Metric("my_shop_orders", help: "Orders (shop.orders)", labels: ["kind", "kind"]), "twice"),
        ])
    func finds(metric: Metric, problem: String) {
        #expect(Self.problems(metric).contains { $0.contains(problem) }, "\(Self.problems(metric))")
    }
}
