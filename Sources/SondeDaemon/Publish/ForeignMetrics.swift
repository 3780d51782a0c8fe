import Sonde

/// What postgres_exporter says about itself, said of our polls.
enum ForeignMetrics {
    /// The families, with the labels that the user has set.
    static func all(_ set: SecondSet) -> [Metric] {
        let labels = set.constantLabels.map(\.name)
        return [
            Metric(
                "pg_exporter_last_scrape_duration_seconds", in: .seconds,
                help: "The time that the last poll of the server took, of what is cheap", labels: labels),
            Metric("pg_exporter_scrapes_total", .counter, help: "Polls of the server", labels: labels),
            Metric(
                "pg_exporter_last_scrape_error",
                help: "1 if the server does not answer, or a collector of this name set failed at its last run",
                labels: labels),
            Metric(
                "pg_exporter_user_queries_load_error",
                help: "1 if there are mistakes in the file of --extend.query-path, which cost the whole file",
                labels: labels + ["filename", "hashsum"]),
            Metric(
                "pg_scrape_collector_duration_seconds", in: .seconds,
                help: "The time that the server took for the collector's last run", labels: ["collector"]),
            Metric(
                "pg_scrape_collector_success",
                help: "Whether the collector's last run succeeded, or had nothing to do", labels: ["collector"]),
            Metric(
                "postgres_exporter_config_last_reload_successful",
                help: "Whether the configuration was last read without a mistake"),
            Metric(
                "postgres_exporter_config_last_reload_success_timestamp_seconds", in: .timestamp,
                help: "When the configuration was last read without a mistake"),
        ]
    }

    /// Adds what is there once, whatever the number of servers.
    static func add(_ reading: LastReading.Picture, _ set: SecondSet, to samples: inout Samples) {
        for file in reading.files {
            guard let digest = file.digest else { continue }
            samples.add(
                file.isBad ? 1 : 0, to: "pg_exporter_user_queries_load_error",
                labels: set.constantLabels + [(name: "filename", value: file.path), (name: "hashsum", value: digest)])
        }
        samples.add(reading.isGood ? 1 : 0, to: "postgres_exporter_config_last_reload_successful")
        samples.add(
            reading.lastSuccess ?? 0, to: "postgres_exporter_config_last_reload_success_timestamp_seconds")
    }

    /// Adds what there is to say of one server.
    static func add(
        _ picture: Watch.Picture, _ set: SecondSet, isUp: Bool, labels: [(name: String, value: String)],
        to samples: inout Samples
    ) {
        var isFaulty = !isUp
        for member in set.members {
            let conditions = member.collectors.map { picture.conditions[$0] }.filter { $0.state != .disabled }
            guard !conditions.isEmpty, !conditions.contains(where: { $0.state == .pending }) else { continue }
            let isTooOld = member.since.map { picture.facts?.version ?? .init(.max) < $0 } ?? false
            let isGood =
                isTooOld || conditions.allSatisfy { [.ok, .partial, .skippedVersion, .skippedRole].contains($0.state) }
            if conditions.contains(where: \.state.isFailure) { isFaulty = true }
            let took = conditions.reduce(Duration.zero) { $0 + ($1.last?.duration ?? .zero) }
            let labels = labels + [(name: "collector", value: member.name)]
            samples.add(took / .seconds(1), to: "pg_scrape_collector_duration_seconds", labels: labels)
            samples.add(isGood ? 1 : 0, to: "pg_scrape_collector_success", labels: labels)
        }
        let labels = labels + set.constantLabels
        samples.add(picture.lastPoll / .seconds(1), to: "pg_exporter_last_scrape_duration_seconds", labels: labels)
        samples.add(Double(picture.polls), to: "pg_exporter_scrapes_total", labels: labels)
        samples.add(isFaulty ? 1 : 0, to: "pg_exporter_last_scrape_error", labels: labels)
    }
}
