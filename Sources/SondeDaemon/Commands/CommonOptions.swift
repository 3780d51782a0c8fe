import ArgumentParser

/// The flags that every Prometheus exporter has under the same names, and those of collectors.
struct CommonOptions: ParsableArguments {
    @Option(
        name: .customLong("config.file"),
        help:
            "The configuration file (YAML); also PGSONDE_CONFIG_FILE. Without one, DATA_SOURCE_NAME or libpq's PG* variables name the server.",
        completion: .file(extensions: ["yaml", "yml"]))
    var configFile: String?

    @Option(
        name: .customLong("web.listen-address"),
        help: ArgumentHelp(
            "Where to listen: :9187, 127.0.0.1:9187, [::1]:9187 or unix:/path; may be repeated.", valueName: "address"))
    var listen: [String] = []

    @Flag(
        name: .customLong("web.systemd-socket"), inversion: .prefixedNo,
        help:
            "Listen on the sockets of systemd's .socket unit and nowhere else, or never on them; by default on them where there are any."
    )
    var systemdSocket: Bool?

    @Option(
        name: .customLong("web.telemetry-path"), help: ArgumentHelp("The path of the metrics page.", valueName: "path"))
    var telemetryPath: String?

    @Option(
        name: .customLong("web.config.file"),
        help: ArgumentHelp(
            "TLS, users, headers and a rate limit, in the format of Prometheus' exporter-toolkit.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var webConfigFile: String?

    @Option(
        name: .customLong("log.level"),
        help: ArgumentHelp("The least that is logged: debug, info, notice, warning, error.", valueName: "level"))
    var logLevel: String?

    @Option(
        name: .customLong("log.format"), help: ArgumentHelp("How log lines look: logfmt or json.", valueName: "format"))
    var logFormat: String?

    @Option(
        name: .customLong("names"),
        help: ArgumentHelp(
            "The names of the metrics: pgsonde, postgres_exporter or both; also PGSONDE_NAMES.", valueName: "set"))
    var names: String?

    @Flag(
        name: .customLong("web.enable-lifecycle"),
        help: "Have POST /-/reload read the configuration anew, as SIGHUP does.")
    var lifecycle = false

    @Flag(
        name: .customLong("config.auto-reload"),
        help: "Read the configuration anew when its file, or one of collectors_dir, has changed.")
    var autoReload = false

    @Flag(
        help: "Refuse to start where there is a mistake in a file of collectors_dir, which else costs that file only.")
    var strict = false

    @Flag(
        name: .customLong("collectors.exec"),
        help: "Allow definitions in collectors_dir to run commands; also exec: true in the configuration.")
    var exec = false

    @OptionGroup(title: "Flags of postgres_exporter, which imply its names unless names are chosen")
    var foreign: ForeignOptions

    @Option(
        name: .customLong("with-collector"),
        help: ArgumentHelp(
            "Switch a collector on; written --collector.NAME, and --no-collector.NAME to switch one off.",
            valueName: "name", visibility: .hidden))
    var with: [String] = []

    @Option(name: .customLong("without-collector"), help: ArgumentHelp("", valueName: "name", visibility: .hidden))
    var without: [String] = []
}
