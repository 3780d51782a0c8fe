import Sonde
import Testing

@Suite("Definitions")
struct DefinitionTests {
    @Test("declare a metric per gauge and counter, and one for all info columns")
    func metrics() {
        let definition = Definition(
            "db", help: "Databases.", prefix: "pg_database", from: "t",
            columns: [
                .label("datname", "d"), .gauge("size_bytes", "s", in: .bytes, help: "A size."), .info("encoding", "e"),
                .counter("x_total", "x", help: "A count."), .info("owner", "o"),
            ])
        #expect(
            definition.metrics == [
                Metric("pg_database_info", .info, help: "Databases.", labels: ["datname", "encoding", "owner"]),
                Metric("pg_database_size_bytes", .gauge, in: .bytes, help: "A size.", labels: ["datname"]),
                Metric("pg_database_x_total", .counter, help: "A count.", labels: ["datname"]),
            ])
    }

    @Test(
        "have the times of their cost, unless they say otherwise",
        arguments: [(Cost.light, 15, 2, 60), (.medium, 60, 5, 180), (.heavy, 600, 30, 1_800)])
    func times(cost: Cost, every: Int, timeout: Int, expire: Int) {
        let definition = Definition("x", help: "A.", from: "t", columns: [], cost: cost)
        #expect(
            definition.timing
                == Timing(every: .seconds(every), timeout: .seconds(timeout), expire: .seconds(expire)))
        let other = Definition(
            "x", help: "A.", from: "t", columns: [], cost: cost, every: .seconds(100), timeout: .seconds(1))
        #expect(other.timing == Timing(every: .seconds(100), timeout: .seconds(1), expire: .seconds(300)))
    }

    @Test("run the cheap first")
    func costs() {
        #expect([Cost.heavy, .light, .medium].sorted() == [.light, .medium, .heavy])
    }

    @Test(
        "numbers in other units become those of the base unit",
        arguments: [
            (Unit.count, 3, 3), (.milliseconds, 1_500, 1.5), (.microseconds, 1, 0.000001), (.minutes, 2, 120),
            (.kilobytes, 2, 2_048),
            (.megabytes, 1, 1_048_576), (.pages, 1, 8_192), (.percent, 97.5, 0.975), (.ratio, 0.5, 0.5),
            (.seconds, 1, 1),
            (.bytes, 1, 1), (.timestamp, 1, 1),
        ])
    func units(unit: Unit, value: Double, base: Double) {
        #expect(unit.base(value) == base)
    }
}
