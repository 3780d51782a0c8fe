import Sonde
import SondePostgres

/// The page for people at `/`: version, servers and how they and their collectors stand, links.
struct Landing {
    let page: Page
    let telemetryPath: String

    /// The page; everything that comes from a database or the configuration is escaped.
    var html: String {
        let status = page.status
        let now = ContinuousClock.now
        let servers = status.watches.map { server($0, at: now) }.joined()
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>pgsonde</title><style>
            :root{color-scheme:light dark}
            body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
            h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
            table{border-collapse:collapse;width:100%;font-size:.9rem}
            th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #8884}
            td.n{text-align:right;font-variant-numeric:tabular-nums}th.n{text-align:right}
            .ok{color:#2a7d2e}.bad{color:#c62828}.dim{opacity:.65}
            @media(prefers-color-scheme:dark){.ok{color:#7bd17f}.bad{color:#ff8a80}}
            div{overflow-x:auto}
            </style></head><body>
            <h1>pgsonde \(Build.version)</h1>
            <p>PostgreSQL metrics for Prometheus: <a href="\(Self.escape(telemetryPath))">\(Self.escape(telemetryPath))</a>,
            <a href="/-/healthy">/-/healthy</a>, <a href="/-/ready">/-/ready</a></p>
            \(reading)
            \(servers)\(local(at: now))
            </body></html>

            """
    }

    /// When the configuration was read, and what was wrong with it.
    private var reading: String {
        let reading = page.status.reading.look()
        let time = { (time: Double) in HTTPDate.text(of: Int(time)) }
        guard !reading.isGood else { return "<p>The configuration is that of \(time(reading.time)).</p>" }
        let what =
            reading.isInForce
            ? "What is wrong in the files of collectors_dir, read \(time(reading.time)), is left out:"
            : "There were mistakes in the configuration of \(time(reading.time)), so the one before it is in force:"
        let problems = reading.problems.map { "<li>\(Self.escape($0))</li>" }.joined()
        return "<p class=\"bad\">\(what)</p><ul>\(problems)</ul>"
    }

    private func server(_ watch: Watch, at now: ContinuousClock.Instant) -> String {
        let picture = watch.look()
        let isUp = picture.isUp(at: now, base: watch.base)
        var state = isUp ? "<span class=\"ok\">up</span>" : "<span class=\"bad\">down</span>"
        if let failure = picture.reason(at: now, base: watch.base) {
            state += ": \(failure.rawValue) <span class=\"dim\">\(Self.escape(picture.failureDetail))</span>"
        } else if !isUp {
            state = "<span class=\"dim\">not reached yet</span>"
        }
        let facts = picture.facts.map { ", \(watch.title($0))" } ?? ""
        let path = Self.escape("\(telemetryPath)?server=\(HTTPQuery.encoded(watch.name))")
        let link = page.status.watches.count > 1 ? ", <a href=\"\(path)\">its metrics alone</a>" : ""
        return """
            <h2>\(Self.escape(watch.name))</h2><p>\(state)\(facts)\(link)</p>
            \(table(Array(page.status.registry.entries.indices), picture, at: now))

            """
    }

    /// What asks no server.
    private func local(at now: ContinuousClock.Instant) -> String {
        guard let (collectors, watch) = page.status.local else { return "" }
        return "<h2>Beside the servers</h2>\(table(collectors, watch.look(), at: now))\n"
    }

    private func table(_ collectors: [Int], _ picture: Watch.Picture, at now: ContinuousClock.Instant) -> String {
        let rows = collectors.map { row($0, picture, at: now) }.joined()
        return """
            <div><table><tr><th>collector</th><th>state</th><th class="n">age</th><th class="n">took</th>\
            <th class="n">rows</th><th class="n">series</th></tr>
            \(rows)</table></div>
            """
    }

    private func row(_ index: Int, _ picture: Watch.Picture, at now: ContinuousClock.Instant) -> String {
        let condition = picture.conditions[index]
        guard condition.state != .disabled else { return "" }
        let collector = page.status.registry.entries[index].collector
        let age = condition.lastSuccess.map { now - $0 }
        let isStale =
            condition.state == .ok
            && age.map { $0 > picture.expiry(page.status.timings[index], of: collector) } ?? false
        let state = isStale ? Watch.State.stale : condition.state
        let style = state == .ok ? "ok" : state.isFailure || state == .stale ? "bad" : "dim"
        let detail = condition.last.map { Self.escape($0.detail) } ?? ""
        return """
            <tr><td>\(Self.escape(collector.name))</td><td class="\(style)" title="\(detail)">\(state.rawValue)</td>\
            <td class="n">\(age.map { "\(Int($0 / .seconds(1))) s" } ?? "")</td>\
            <td class="n">\(condition.last.map { "\(Int($0.duration / .milliseconds(1))) ms" } ?? "")</td>\
            <td class="n">\(condition.last.map { "\($0.counts.rows)" } ?? "")</td>\
            <td class="n">\(condition.last.map { "\($0.counts.series)" } ?? "")</td></tr>

            """
    }

    /// Text as HTML, in content and in attributes.
    static func escape(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\u{0}"..<" " where character != "\n": result += " "
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
