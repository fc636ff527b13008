/// How a command finds the configuration.
enum ConfigurationOptions {
    static let file = Option(
        "config",
        short: "c",
        value: "FILE",
        default: "/etc/postbox/postbox.yaml",
        help: "The configuration; *.yaml of conf.d/ beside it are read too."
    )
}
