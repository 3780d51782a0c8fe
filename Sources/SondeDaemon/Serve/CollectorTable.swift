import Sonde
import SondePostgres

/// The collectors of one server: first those that fail, last those that do not run.
struct CollectorTable {
    let collectors: [StatusReport.Collector]

    var html: HTML {
        let states: [[Watch.State]] = [[.failed, .breakerOpen, .stale], [.pending], [.partial], [.ok], [.unavailable]]
        let rows = states.flatMap { states in collectors.filter { states.contains($0.state) } }.map(row)
        return """
            <table class="collectors"><thead><tr><th>collector</th><th>state</th><th class="n">age</th>\
            <th class="n" colspan="2">took</th><th class="n more">rows</th><th class="n more">series</th>\
            <th class="n">err<span class="more">ors</span></th><th class="n more">next</th></tr></thead><tbody>
            \(rows)</tbody></table>
            \(rest("for other versions than this server's", .skippedVersion))\
            \(rest("for the other role than this server's", .skippedRole))\
            \(rest("switched off", .disabled))
            """
    }

    /// Those that do not run, by name.
    private func rest(_ why: String, _ state: Watch.State) -> HTML {
        let names = collectors.filter { $0.state == state }.map(\.name)
        guard !names.isEmpty else { return "" }
        return "<details><summary>\(names.count) \(why)</summary><p>\(names.joined(separator: ", "))</p></details>\n"
    }

    private func row(_ collector: StatusReport.Collector) -> HTML {
        let style =
            switch collector.state {
            case .ok: "ok"
            case .failed, .breakerOpen, .stale: "bad"
            default: "dim"
            }
        let counts = collector.state.isSuccess || collector.state.isFailure ? collector.last?.counts : nil
        let took = counts == nil ? nil : collector.last?.duration
        let errors = collector.errors.values.reduce(0, +)
        let classes = collector.errors.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            "\($0.value) \($0.key.rawValue)"
        }
        let detail: HTML =
            collector.detail.isEmpty
            ? "" : "<tr class=\"why\"><td colspan=\"9\">\(collector.detail)</td></tr>"
        return """
            <tr><td title="\(collector.help)">\(collector.name)</td><td class="\(style)">\(collector.state.rawValue)</td>\
            <td class="n">\(collector.state == .unavailable ? "" : collector.age.map { Legible.age($0 / .seconds(1)) } ?? "")</td>\
            <td class="n">\(Sparkline(seconds: collector.durations).html)</td>\
            <td class="n">\(took.map { Legible.time($0 / .seconds(1)) } ?? "")</td>\
            <td class="n more">\(counts.map { Legible.count($0.rows) } ?? "")</td>\
            <td class="n more">\(counts.map { Legible.count($0.series) } ?? "")</td>\
            <td class="n" title="\(classes.joined(separator: ", "))">\(errors == 0 ? "" : Legible.count(errors))</td>\
            <td class="n more">\(next(collector))</td></tr>\(detail)

            """
    }

    private func next(_ collector: StatusReport.Collector) -> String {
        if let next = collector.next { return next > .zero ? Legible.age(next / .seconds(1)) : "due" }
        return collector.isOnScrape ? "on scrape" : "runs"
    }
}
