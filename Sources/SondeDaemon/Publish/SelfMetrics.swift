import Sonde
import SondePostgres

/// What pgsonde says about itself and its collectors, as ordinary families.
enum SelfMetrics {
    private static let collector = ["collector"]

    static let all: [Metric] = [
        Metric("pgsonde_build_info", .info, help: "The running version of pgsonde", labels: ["version"]),
        Metric(
            "pgsonde_collector_state",
            help:
                "1 for the collector's state on the server, which the label names: ok, partial, pending, failed, stale, breaker_open or why it is not asked",
            labels: ["collector", "state"]),
        Metric(
            "pgsonde_collector_success",
            help: "Whether the collector's last run succeeded, and recently enough for its numbers to be shown",
            labels: collector),
        Metric(
            "pgsonde_collector_duration_seconds", in: .seconds,
            help: "The time that the server took for the collector's last run", labels: collector),
        Metric(
            "pgsonde_collector_last_success_timestamp_seconds", in: .timestamp,
            help: "When the collector last succeeded", labels: collector),
        Metric(
            "pgsonde_collector_age_seconds", in: .seconds,
            help: "The age of the collector's numbers on this page", labels: collector),
        Metric(
            "pgsonde_collector_interval_seconds", in: .seconds, help: "The interval that the collector runs at",
            labels: collector),
        Metric("pgsonde_collector_rows", help: "Rows that the collector's last run read", labels: collector),
        Metric("pgsonde_collector_series", help: "Samples that the collector's last run gave", labels: collector),
        Metric(
            "pgsonde_collector_bytes", in: .bytes, help: "Bytes of text that the collector's last run gave",
            labels: collector),
        Metric(
            "pgsonde_collector_locked_relations",
            help: "Relations that the collector's last run left out because they were locked", labels: collector),
        Metric(
            "pgsonde_collector_folded_series",
            help: "Series of the collector's last run that its limit left without a name, and that are part of other",
            labels: collector),
        Metric(
            "pgsonde_collector_dropped_series",
            help: "Series of the collector's last run that its limit left without a name, and that are shown nowhere",
            labels: collector),
        Metric(
            "pgsonde_collector_truncated",
            help: "Whether the server had more rows than the collector's last run read, so that other is absent",
            labels: collector),
        Metric(
            "pgsonde_collector_skipped_runs_total", .counter,
            help: "Runs left out because the one before had not ended", labels: collector),
        Metric(
            "pgsonde_collector_backoff_seconds", in: .seconds,
            help: "The time until the next run, where that waits longer than the interval since the last ones failed",
            labels: collector),
        Metric(
            "pgsonde_collector_duplicate_samples_total", .counter,
            help: "Rows left out because their label set was there already", labels: collector),
        Metric(
            "pgsonde_collector_unreadable_values_total", .counter,
            help: "Values left out because they could not be read as numbers", labels: collector),
        Metric(
            "pgsonde_collector_errors_total", .counter, help: "Errors of the collector by class",
            labels: ["collector", "class"]),
        Metric("pgsonde_connections", help: "Connections that are open to the server"),
        Metric("pgsonde_connections_opened_total", .counter, help: "Connections opened to the server"),
        Metric(
            "pgsonde_server_certificate_not_after_timestamp_seconds", in: .timestamp,
            help: "When the certificate ends that the server, or a pooler before it, showed at the last login by TLS"),
        Metric(
            "pgsonde_client_certificate_not_after_timestamp_seconds", in: .timestamp,
            help: "When the certificate ends that pgsonde had for the server (sslcert) at the last login by TLS"),
        Metric(
            "pgsonde_databases_interval_seconds", in: .seconds,
            help: "The least time from one round over all databases to the next (logins_per_hour)"),
        Metric(
            "pgsonde_connection_failures_total", .counter,
            help: "Connections to the server that could not be opened, or broke, by reason", labels: ["reason"]),
        Metric(
            "pgsonde_config_last_reload_successful",
            help: "Whether the configuration and the collectors' files were last read without a mistake"),
        Metric(
            "pgsonde_config_last_reload_success_timestamp_seconds", in: .timestamp,
            help: "When the configuration and the collectors' files were last read without a mistake"),
        Metric(
            "pgsonde_collector_file_error",
            help: "Whether there was a mistake in a file of collectors_dir when it was last read", labels: ["file"]),
        Metric("pgsonde_scrapes_total", .counter, help: "Pages served"),
        Metric(
            "pgsonde_scrape_duration_seconds_total", .counter, in: .seconds,
            help: "The time that making the pages took"),
        Metric("pgsonde_scrape_bytes_total", .counter, in: .bytes, help: "Bytes of pages served, as sent"),
        Metric(
            "pgsonde_web_certificate_not_after_timestamp_seconds", in: .timestamp,
            help: "When the listener's certificate, or the first of its chain, ends"),
        Metric(
            "pgsonde_web_config_success",
            help: "Whether the web configuration file said at its last reading what is in force"),
        Metric(
            "pgsonde_web_refused_requests_total", .counter,
            help:
                "Requests turned away: auth (no user, or a wrong password), rate (rate_limit), busy (too many passwords to check)",
            labels: ["reason"]),
        Metric(
            "pgsonde_output_datagrams_total", .counter, help: "Datagrams sent, whether or not they arrived",
            labels: ["output"]),
        Metric(
            "pgsonde_output_failures_total", .counter, help: "Datagrams that could not be sent", labels: ["output"]),
        Metric(
            "pgsonde_output_dropped_runs_total", .counter,
            help: "Runs of collectors that were not sent on, since too many waited for it already", labels: ["output"]),
    ]

    static func add(
        _ picture: Watch.Picture, of kind: ServerKind, labels: [(name: String, value: String)],
        at now: ContinuousClock.Instant,
        registry: Registry, timings: [Timing], to samples: inout Samples
    ) {
        let asked = registry.entries.indices.filter { registry.entries[$0].collector.asks(kind) }
        add(asked, picture, labels: labels, at: now, registry: registry, timings: timings, to: &samples)
        samples.add(Double(picture.open), to: "pgsonde_connections", labels: labels)
        samples.add(Double(picture.opened), to: "pgsonde_connections_opened_total", labels: labels)
        if let end = picture.certificateNotAfter {
            samples.add(end, to: "pgsonde_server_certificate_not_after_timestamp_seconds", labels: labels)
        }
        if let end = picture.clientCertificateNotAfter {
            samples.add(end, to: "pgsonde_client_certificate_not_after_timestamp_seconds", labels: labels)
        }
        if kind == .postgresql {
            samples.add(picture.round / .seconds(1), to: "pgsonde_databases_interval_seconds", labels: labels)
        }
        for reason in ErrorClass.allCases {
            samples.add(
                Double(picture.failed[reason] ?? 0), to: "pgsonde_connection_failures_total",
                labels: labels + [(name: "reason", value: reason.rawValue)])
        }
    }

    /// Adds how some collectors stand.
    static func add(
        _ collectors: [Int], _ picture: Watch.Picture, labels: [(name: String, value: String)],
        at now: ContinuousClock.Instant, registry: Registry, timings: [Timing], to samples: inout Samples
    ) {
        for index in collectors {
            let entry = registry.entries[index]
            let condition = picture.conditions[index]
            let labels = labels + [(name: "collector", value: entry.collector.name)]
            let state = condition.state(
                at: now, expire: picture.expiry(timings[index], of: entry.collector))
            let age = condition.lastSuccess.map { now - $0 }
            samples.add(1, to: "pgsonde_collector_state", labels: labels + [(name: "state", value: state.rawValue)])
            guard state != .disabled else { continue }
            var shown = condition
            shown.state = state
            add(
                shown, age: age, labels: labels, interval: timings[index].every, hasLimit: entry.collector.limit != nil,
                to: &samples)
            let wait = condition.last?.retry.map { max(.zero, $0 - now) } ?? .zero
            samples.add(wait / .seconds(1), to: "pgsonde_collector_backoff_seconds", labels: labels)
        }
    }

    private static func add(
        _ condition: Watch.Condition, age: Duration?, labels: [(name: String, value: String)], interval: Duration,
        hasLimit: Bool, to samples: inout Samples
    ) {
        let gauge = { (value: Double?, name: String, samples: inout Samples) in
            if let value { samples.add(value, to: name, labels: labels) }
        }
        gauge(condition.state.isSuccess ? 1 : 0, "pgsonde_collector_success", &samples)
        gauge(condition.last.map { $0.duration / .seconds(1) }, "pgsonde_collector_duration_seconds", &samples)
        gauge(condition.lastSuccessTime, "pgsonde_collector_last_success_timestamp_seconds", &samples)
        gauge(age.map { $0 / .seconds(1) }, "pgsonde_collector_age_seconds", &samples)
        gauge(interval / .seconds(1), "pgsonde_collector_interval_seconds", &samples)
        gauge(condition.last.map { Double($0.counts.rows) }, "pgsonde_collector_rows", &samples)
        gauge(condition.last.map { Double($0.counts.series) }, "pgsonde_collector_series", &samples)
        gauge(condition.last.map { Double($0.bytes) }, "pgsonde_collector_bytes", &samples)
        gauge(condition.last.map { Double($0.counts.locked) }, "pgsonde_collector_locked_relations", &samples)
        if hasLimit {
            let counts = condition.last?.counts
            gauge(counts.map { Double($0.folded) }, "pgsonde_collector_folded_series", &samples)
            gauge(counts.map { Double($0.dropped) }, "pgsonde_collector_dropped_series", &samples)
            gauge(counts.map { $0.truncated > 0 ? 1 : 0 }, "pgsonde_collector_truncated", &samples)
        }
        gauge(Double(condition.skipped), "pgsonde_collector_skipped_runs_total", &samples)
        gauge(Double(condition.duplicates), "pgsonde_collector_duplicate_samples_total", &samples)
        gauge(Double(condition.unreadable), "pgsonde_collector_unreadable_values_total", &samples)
        for errorClass in ErrorClass.allCases {
            samples.add(
                Double(condition.errors[errorClass] ?? 0), to: "pgsonde_collector_errors_total",
                labels: labels + [(name: "class", value: errorClass.rawValue)])
        }
    }

    static func add(_ reading: LastReading.Picture, to samples: inout Samples) {
        samples.add(reading.isGood ? 1 : 0, to: "pgsonde_config_last_reload_successful")
        if let time = reading.lastSuccess {
            samples.add(time, to: "pgsonde_config_last_reload_success_timestamp_seconds")
        }
        for file in reading.files {
            samples.add(
                file.isBad ? 1 : 0, to: "pgsonde_collector_file_error", labels: [(name: "file", value: file.path)])
        }
    }

    static func add(_ output: FFWDOutput, named name: String, to samples: inout Samples) {
        let counts = output.counts
        let labels = [(name: "output", value: name)]
        samples.add(Double(counts.sent), to: "pgsonde_output_datagrams_total", labels: labels)
        samples.add(Double(counts.failed), to: "pgsonde_output_failures_total", labels: labels)
        samples.add(Double(counts.dropped), to: "pgsonde_output_dropped_runs_total", labels: labels)
    }

    /// What the web configuration says; nothing where there is none.
    static func add(_ security: WebGuard, to samples: inout Samples) {
        guard security.path != nil else { return }
        if let tls = security.tls {
            samples.add(tls.notAfter, to: "pgsonde_web_certificate_not_after_timestamp_seconds")
        }
        samples.add(security.isCurrent ? 1 : 0, to: "pgsonde_web_config_success")
        let refusals = security.refusals
        for (reason, count) in [("auth", refusals.authentication), ("rate", refusals.rate), ("busy", refusals.busy)] {
            samples.add(
                Double(count), to: "pgsonde_web_refused_requests_total", labels: [(name: "reason", value: reason)])
        }
    }

    static func add(_ scrapes: ScrapeCount, to samples: inout Samples) {
        let totals = scrapes.look()
        samples.add(1, to: "pgsonde_build_info", labels: [(name: "version", value: Build.version)])
        samples.add(Double(totals.count), to: "pgsonde_scrapes_total")
        samples.add(totals.seconds, to: "pgsonde_scrape_duration_seconds_total")
        samples.add(Double(totals.bytes), to: "pgsonde_scrape_bytes_total")
    }
}

/// What this build is.
enum Build {
    /// The version, as `--version` and the page show it.
    static let version = "0.1.0"
}
