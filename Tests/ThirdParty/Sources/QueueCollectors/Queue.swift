public import Sonde

extension Definition {
    /// Jobs by queue, from a table of the application's.
    public static let queue = Definition(
        "app_queue", help: "Jobs by queue (app.jobs)", from: "app.jobs",
        columns: [
            .label("queue", "queue"),
            .gauge(
                "waiting", "count(*) FILTER (WHERE state = 'waiting')",
                help: "Jobs not yet started (app.jobs.state)"),
            .counter("retries_total", "sum(retries)", help: "Retries since the queue was made (app.jobs.retries)"),
            .gauge(
                "oldest_seconds", "max(now() - queued_at)", in: .seconds,
                help: "Age of the oldest job (app.jobs.queued_at)"),
        ], per: .database, cost: .medium, group: true)
}
