// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target of ours is compiled with.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// The wall around the modules that never touch a pointer.
let safe: [SwiftSetting] = strict + [.strictMemorySafety()]

let cSettings: [CSetting] = [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])]

let package = Package(
    name: "postbox",
    products: [.executable(name: "postbox", targets: ["postbox"])],
    targets: [
        // L0: C libraries of the distribution, and the little C of our own.
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "CLibrdkafka",
            pkgConfig: "rdkafka",
            providers: [.apt(["librdkafka-dev"])]
        ),
        .systemLibrary(
            name: "CLibYAML",
            pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"])]
        ),
        .systemLibrary(
            name: "CMicrohttpd",
            pkgConfig: "libmicrohttpd",
            providers: [.apt(["libmicrohttpd-dev"])]
        ),
        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]
        ),
        .target(name: "CCells", cSettings: cSettings),
        .target(
            name: "CKafkaShim",
            dependencies: ["CLibrdkafka", "CCells"],
            cSettings: cSettings
        ),
        .target(
            name: "CHTTPShim",
            dependencies: ["CMicrohttpd", "CCurl"],
            cSettings: cSettings
        ),
        .target(name: "CLinux", cSettings: cSettings),

        // L1: one module for each library, and nothing of C above them.
        .target(name: "Threads", dependencies: ["CLinux"], swiftSettings: strict),
        .target(
            name: "Postgres",
            dependencies: ["CLibpq", "CCells", "Threads"],
            swiftSettings: strict
        ),
        .target(
            name: "Kafka",
            dependencies: ["CLibrdkafka", "CKafkaShim", "CCells", "Threads"],
            swiftSettings: strict
        ),
        .target(name: "YAML", dependencies: ["CLibYAML"], swiftSettings: strict),
        .target(
            name: "HTTP",
            dependencies: ["CHTTPShim", "CMicrohttpd", "CCurl"],
            swiftSettings: strict
        ),
        .target(name: "Telemetry", swiftSettings: safe),
        .target(name: "Systemd", dependencies: ["CLinux"], swiftSettings: strict),

        // L2: the words and rules. No I/O, no C.
        .target(name: "Messaging", swiftSettings: safe),

        // L3: engines.
        .target(
            name: "Outbox",
            dependencies: ["Messaging", "Postgres", "Kafka", "Telemetry", "Threads"],
            resources: [.embedInCode("SQL")],
            swiftSettings: safe
        ),
        .target(
            name: "Inbox",
            dependencies: ["Messaging", "Postgres", "Kafka", "Telemetry", "Threads"],
            resources: [.embedInCode("SQL")],
            swiftSettings: safe
        ),

        // L4: configuration, control, wiring.
        .target(
            name: "Settings",
            dependencies: ["Messaging", "YAML"],
            swiftSettings: safe
        ),
        .target(
            name: "Control",
            dependencies: ["Messaging", "HTTP", "Telemetry"],
            swiftSettings: safe
        ),
        .target(
            name: "Daemon",
            dependencies: [
                "Settings", "Control", "Outbox", "Inbox", "Postgres", "Kafka", "HTTP", "Telemetry",
                "Systemd", "Threads", "Messaging",
            ],
            swiftSettings: safe
        ),
        .executableTarget(
            name: "postbox",
            dependencies: [
                "Daemon", "Settings", "Control", "Outbox", "Inbox", "Postgres", "Kafka", "HTTP",
                "Telemetry", "Threads", "Messaging", "YAML",
            ],
            swiftSettings: strict
        ),

        // Proof.
        .executableTarget(
            name: "outbox-floor",
            dependencies: ["CLibpq", "CLibrdkafka"],
            path: "Tests/Floor/Outbox",
            cSettings: cSettings
        ),
        .executableTarget(
            name: "inbox-floor",
            dependencies: ["CLibpq", "CLibrdkafka"],
            path: "Tests/Floor/Inbox",
            cSettings: cSettings
        ),
        .target(
            name: "TestKit",
            dependencies: ["Postgres", "Kafka", "Threads"],
            path: "Tests/TestKit",
            swiftSettings: strict
        ),
        .testTarget(
            name: "PureTests",
            dependencies: [
                "Messaging", "Settings", "YAML", "Telemetry", "Outbox", "Inbox", "Control",
                "Threads",
                "Systemd", "Kafka", "Postgres", "postbox",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "TestKit", "Postgres", "Kafka", "Outbox", "Inbox", "HTTP", "Messaging", "Threads",
                "Control", "postbox",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ProcessTests",
            dependencies: [
                "TestKit", "postbox", "Postgres", "Kafka", "HTTP", "Threads", "Control",
                "Messaging",
            ],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
