import CFloor
import Glibc

/// The daemon at rest, and a scrape of 300 000 series beside a floor that only sends the same bytes.
enum Scraping {
    /// 15 000 rows with three labels and twenty values.
    private static let definitions = """
        name: large
        help: A large result.
        from: generate_series(1, 15000) AS g
        every: 1h
        timeout: 1m
        limit: {series: 1000000}
        columns:
          - {label: schemaname, sql: "'schema_' || g / 100"}
          - {label: relname, sql: "'some_table_name_' || g"}
          - {label: kind, sql: "'r'"}

        """
        + (0..<20).map { value in
            "  - {gauge: number_of_some_kind_\(value), sql: \"g::bigint * \(value * 7_919 + 1)\", help: A number.}\n"
        }.joined()

    private static let series = 300_000

    static func measure(program: String) {
        // As long as it takes for each light collector to run twice.
        guard let idle = DaemonProcess(program: program, definitions: nil), idle.page(ofSamples: 500) != nil else {
            print("the daemon shows no page: is there a server at PGHOST, PGPORT, PGUSER?")
            return
        }
        sleep(20)
        let before = idle.processorSeconds
        sleep(30)
        print("\nthe daemon at rest, all collectors that are on by default, one server")
        print(
            "resident \(rounded(idle.megabytes("Rss"), 1)) MB, of which its own \(rounded(idle.megabytes("Anonymous"), 1)) MB; "
                + "\(rounded((idle.processorSeconds - before) / 30 * 100, 2)) % of a processor")
        guard let large = DaemonProcess(program: program, definitions: definitions),
            let page = large.page(ofSamples: series)
        else {
            print("the daemon does not come to \(series) series")
            return
        }
        var port: Int32 = 0
        let floor = page.bytes.withUnsafeBytes { floor_serve($0.baseAddress, $0.count, &port) }
        defer { kill(floor, SIGKILL) }
        let first = Scrape(port: large.port, accepting: "gzip")
        var times: [String: [Double]] = [:]
        let start = large.processorSeconds
        for _ in 0..<31 {
            times["floor", default: []].append(Scrape(port: Int(port))?.seconds ?? .nan)
            times["identity", default: []].append(Scrape(port: large.port)?.seconds ?? .nan)
        }
        let processor = (large.processorSeconds - start) / 31
        for _ in 0..<31 {
            times["gzip", default: []].append(Scrape(port: large.port, accepting: "gzip")?.seconds ?? .nan)
        }
        let median = { (name: String) in times[name]?.sorted()[15] ?? .nan }
        print("\none scrape of \(page.samples) series, \(page.count) bytes, over loopback")
        row(["", "ms", "x floor"])
        row(["floor: the same bytes, sent", rounded(median("floor") * 1e3, 2), "1"])
        row(["pgsonde", rounded(median("identity") * 1e3, 2), rounded(median("identity") / median("floor"), 2)])
        row(["pgsonde, its processor's time", rounded(processor * 1e3, 2)])
        row(["pgsonde, gzip, the first", rounded((first?.seconds ?? .nan) * 1e3, 2)])
        row(["pgsonde, gzip, \(first?.count ?? 0) bytes", rounded(median("gzip") * 1e3, 2)])
        print(
            "resident \(rounded(large.megabytes("Rss"), 1)) MB, of which its own \(rounded(large.megabytes("Anonymous"), 1)) MB: "
                + "\(rounded(large.megabytes("Anonymous") * 1_048_576 / Double(page.bytes.count), 2)) x the page")
    }
}
