// swift-tools-version: 6.3
import PackageDescription

// MARK: - Settings

/// `make check` sets it: a warning is an error there, and only there, so that a newer compiler still builds this.
let warnings: [SwiftSetting] = Context.environment["MARTLET_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

/// Every Swift target is compiled with these; nothing is switched on for one target alone.
let settings: [SwiftSetting] =
    [
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
    ] + warnings

/// Targets whose whole work is C: marking each line `unsafe` would say nothing.
let bindingSettings = Array(settings.dropFirst())

/// Swift's runtime and Foundation inside the executable, its relocations in short form, and none of its 49,000 symbols shown to the
/// libraries that it loads.
///
/// Of shared libraries each worker process would have megabytes of its own. `--static-swift-stdlib` would compile everything once
/// more, and it alone knows what Foundation needs: that is named here.
let standalone: [LinkerSetting] = [
    .unsafeFlags(
        ["-static-stdlib", "-lCoreFoundation", "-l_FoundationCShims", "-l_FoundationCollections", "-l_FoundationICU"]
            + ["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker", "--no-export-dynamic"],
        .when(configuration: .release)
    )
]

// MARK: - Third-party products

extension Target.Dependency {
    static let argumentParser: Self = .product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncHTTPClient: Self = .product(name: "AsyncHTTPClient", package: "async-http-client")
    static let configuration: Self = .product(name: "Configuration", package: "swift-configuration")
    static let coreMetrics: Self = .product(name: "CoreMetrics", package: "swift-metrics")
    static let crypto: Self = .product(name: "Crypto", package: "swift-crypto")
    static let cryptoExtras: Self = .product(name: "CryptoExtras", package: "swift-crypto")
    static let deque: Self = .product(name: "DequeModule", package: "swift-collections")
    static let grdb: Self = .product(name: "GRDB", package: "GRDB.swift")
    static let httpTypes: Self = .product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbird: Self = .product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore: Self = .product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTesting: Self = .product(name: "HummingbirdTesting", package: "hummingbird")
    static let jwtKit: Self = .product(name: "JWTKit", package: "jwt-kit")
    static let logging: Self = .product(name: "Logging", package: "swift-log")
    static let metrics: Self = .product(name: "Metrics", package: "swift-metrics")
    static let nioCore: Self = .product(name: "NIOCore", package: "swift-nio")
    static let nioEmbedded: Self = .product(name: "NIOEmbedded", package: "swift-nio")
    static let nioFoundationCompat: Self = .product(name: "NIOFoundationCompat", package: "swift-nio")
    static let nioHTTP1: Self = .product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTPTypesHTTP1: Self = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
    static let nioPosix: Self = .product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL: Self = .product(name: "NIOSSL", package: "swift-nio-ssl")
    static let nioWebSocket: Self = .product(name: "NIOWebSocket", package: "swift-nio")
    static let serviceLifecycle: Self = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let subprocess: Self = .product(name: "Subprocess", package: "swift-subprocess")
    static let tracing: Self = .product(name: "Tracing", package: "swift-distributed-tracing")
    static let unixSignals: Self = .product(name: "UnixSignals", package: "swift-service-lifecycle")
}

// MARK: - Targets: the arrows of the architecture, enforced

let shared: [Target] = [
    .target(name: "EventSchema", path: "Shared/EventSchema", swiftSettings: settings),
    .systemLibrary(name: "CPostgres", path: "Shared/CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .target(
        name: "Persistence",
        dependencies: ["CPostgres", .grdb, .logging, .serviceLifecycle],
        path: "Shared/Persistence",
        swiftSettings: bindingSettings
    ),
    .target(
        name: "PersistenceTesting",
        dependencies: [.subprocess],
        path: "Shared/PersistenceTesting",
        swiftSettings: settings
    ),
    .target(
        name: "Messaging",
        dependencies: [
            "EventSchema", "Persistence", .crypto, .deque, .logging, .metrics, .serviceLifecycle, .tracing,
        ],
        path: "Shared/Messaging",
        swiftSettings: settings
    ),
    .systemLibrary(
        name: "CRabbitMQ",
        path: "Shared/CRabbitMQ",
        pkgConfig: "librabbitmq",
        providers: [.apt(["librabbitmq-dev"])]
    ),
    .target(
        name: "RabbitMQ",
        dependencies: [
            "CRabbitMQ", "EventSchema", "Messaging", .coreMetrics, .deque, .logging, .metrics, .serviceLifecycle,
        ],
        path: "Shared/RabbitMQ",
        swiftSettings: bindingSettings
    ),
    .target(
        name: "OutboundHTTP",
        dependencies: [.asyncHTTPClient, .nioCore, .nioPosix, .nioSSL],
        path: "Shared/OutboundHTTP",
        swiftSettings: settings
    ),
    .target(
        name: "ObjectStorage",
        dependencies: ["OutboundHTTP", .asyncHTTPClient, .crypto, .logging, .nioCore, .nioHTTP1, .nioSSL],
        path: "Shared/ObjectStorage",
        swiftSettings: settings
    ),
    .target(
        name: "ObjectStorageTesting",
        dependencies: ["ObjectStorage", .subprocess],
        path: "Shared/ObjectStorageTesting",
        swiftSettings: settings
    ),
    .target(
        name: "ServiceBootstrap",
        dependencies: [
            "EventSchema", .configuration, .coreMetrics, .httpTypes, .hummingbird, .logging, .metrics, .nioCore,
            .serviceLifecycle, .tracing, .unixSignals,
        ],
        path: "Shared/ServiceBootstrap",
        swiftSettings: settings
    ),
    .target(
        name: "BusBootstrap",
        dependencies: ["Messaging", "Persistence", "RabbitMQ", "ServiceBootstrap", .serviceLifecycle],
        path: "Shared/BusBootstrap",
        swiftSettings: settings
    ),
    .target(
        name: "MessagingTesting",
        dependencies: ["EventSchema", "Messaging", .deque, .logging, .subprocess],
        path: "Shared/MessagingTesting",
        swiftSettings: settings
    ),
]

let realtimeGateway: [Target] = [
    .target(
        name: "RealtimeDomain",
        dependencies: ["EventSchema", .deque],
        path: "Services/RealtimeGateway/Domain",
        swiftSettings: settings
    ),
    .systemLibrary(name: "CSockets", path: "Services/RealtimeGateway/Adapters/CSockets"),
    .target(
        name: "RealtimeHTTP",
        dependencies: [
            "CSockets", "EventSchema", "ObjectStorage", "RealtimeDomain", "ServiceBootstrap", .coreMetrics, .crypto,
            .deque, .httpTypes, .hummingbird, .hummingbirdCore, .jwtKit, .logging, .metrics, .nioCore,
            .nioFoundationCompat, .nioHTTP1, .nioHTTPTypesHTTP1, .nioPosix, .nioSSL, .nioWebSocket,
            .serviceLifecycle,
        ],
        path: "Services/RealtimeGateway/Adapters/HTTP",
        resources: [.embedInCode("Pages")],
        swiftSettings: settings
    ),
    .target(
        name: "RealtimePhoenix",
        dependencies: [
            "EventSchema", "RealtimeDomain", "RealtimeHTTP", .coreMetrics, .httpTypes, .hummingbird, .logging, .nioCore,
            .nioHTTP1, .nioWebSocket,
        ],
        path: "Services/RealtimeGateway/Adapters/Phoenix",
        swiftSettings: settings
    ),
    .target(
        name: "EngineIO",
        dependencies: [
            "RealtimeDomain", "RealtimeHTTP", .httpTypes, .nioCore, .nioFoundationCompat, .nioHTTP1,
        ],
        path: "Services/RealtimeGateway/Adapters/SocketIO/EngineIO",
        swiftSettings: settings
    ),
    .target(
        name: "SocketIO",
        dependencies: ["EngineIO", "EventSchema", "RealtimeDomain", "RealtimeHTTP", .deque, .nioCore],
        path: "Services/RealtimeGateway/Adapters/SocketIO/Protocol",
        swiftSettings: settings
    ),
    .target(
        name: "RealtimeSocketIO",
        dependencies: [
            "EventSchema", "RealtimeDomain", "RealtimeHTTP", "ServiceBootstrap", "SocketIO", .crypto, .logging,
            .nioCore, .serviceLifecycle,
        ],
        path: "Services/RealtimeGateway/Adapters/SocketIO/Events",
        swiftSettings: settings
    ),
    .target(
        name: "RealtimeStore",
        dependencies: ["EventSchema", "Persistence", "RealtimeDomain", .serviceLifecycle],
        path: "Services/RealtimeGateway/Adapters/Store",
        swiftSettings: settings
    ),
    .target(
        name: "RealtimeBus",
        dependencies: [
            "EventSchema", "Messaging", "Persistence", "RealtimeDomain", .crypto, .logging, .serviceLifecycle,
        ],
        path: "Services/RealtimeGateway/Adapters/Bus",
        swiftSettings: settings
    ),
    .target(
        name: "RealtimeAuthorization",
        dependencies: [
            "EventSchema", "RealtimeDomain", .asyncHTTPClient, .crypto, .deque, .logging, .nioCore, .nioHTTP1,
            .serviceLifecycle,
        ],
        path: "Services/RealtimeGateway/Adapters/Authorization",
        swiftSettings: settings
    ),
    .executableTarget(
        name: "RealtimeGateway",
        dependencies: [
            "BusBootstrap", "EngineIO", "Messaging", "ObjectStorage", "Persistence", "RealtimeAuthorization",
            "RealtimeBus", "RealtimeDomain", "RealtimeHTTP", "RealtimePhoenix", "RealtimeSocketIO", "RealtimeStore",
            "ServiceBootstrap", "SocketIO", .hummingbird, .logging, .nioCore, .nioPosix, .serviceLifecycle,
        ],
        path: "Services/RealtimeGateway/App",
        swiftSettings: settings
    ),
]

/// What the tests of the gateway's transports stand on: a server on a free port, and a client that shows every byte.
let realtimeTesting: [Target] = [
    .target(
        name: "RealtimeTesting",
        dependencies: [
            "EventSchema", "RealtimeDomain", "RealtimeHTTP", .coreMetrics, .hummingbird, .logging, .nioCore, .nioHTTP1,
            .nioPosix,
            .serviceLifecycle, .unixSignals,
        ],
        path: "Tests/RealtimeTesting",
        swiftSettings: bindingSettings
    )
]

let mediaProcessor: [Target] = [
    .target(
        name: "MediaDomain",
        dependencies: ["EventSchema", "ObjectStorage", .deque],
        path: "Services/MediaProcessor/Domain",
        swiftSettings: settings
    ),
    .systemLibrary(
        name: "CFFmpeg",
        path: "Services/MediaProcessor/Adapters/CFFmpeg",
        pkgConfig: "libavformat libavcodec libavfilter libswscale libswresample libavutil",
        providers: [
            .apt([
                "libavformat-dev", "libavcodec-dev", "libavfilter-dev", "libswscale-dev", "libswresample-dev",
                "libavutil-dev",
            ])
        ]
    ),
    .target(
        name: "MediaFFmpeg",
        dependencies: ["CFFmpeg", "EventSchema", "MediaDomain", "ObjectStorage", .deque, .logging],
        path: "Services/MediaProcessor/Adapters/FFmpeg",
        swiftSettings: bindingSettings
    ),
    .target(name: "CProcess", path: "Services/MediaProcessor/Adapters/CProcess"),
    .target(
        name: "MediaWorker",
        dependencies: ["CProcess", "EventSchema", "MediaDomain", "ObjectStorage", .logging, .tracing],
        path: "Services/MediaProcessor/Adapters/Worker",
        swiftSettings: settings
    ),
    .target(
        name: "MediaStore",
        dependencies: ["EventSchema", "MediaDomain", "Persistence"],
        path: "Services/MediaProcessor/Adapters/Store",
        swiftSettings: settings
    ),
    .target(
        name: "MediaBus",
        dependencies: [
            "EventSchema", "MediaDomain", "Messaging", "Persistence", .logging, .metrics, .serviceLifecycle,
        ],
        path: "Services/MediaProcessor/Adapters/Bus",
        swiftSettings: settings
    ),
    .target(
        name: "MediaAdmin",
        dependencies: ["EventSchema", "MediaDomain", .crypto, .httpTypes, .hummingbird, .logging, .nioCore],
        path: "Services/MediaProcessor/Adapters/Admin",
        resources: [.embedInCode("Pages")],
        swiftSettings: settings
    ),
    .executableTarget(
        name: "MediaProcessor",
        dependencies: [
            "BusBootstrap", "EventSchema", "MediaAdmin", "MediaBus", "MediaDomain", "MediaFFmpeg", "MediaStore",
            "MediaWorker", "Messaging", "ObjectStorage", "OutboundHTTP", "ServiceBootstrap", .argumentParser, .logging,
            .metrics, .serviceLifecycle, .subprocess,
        ],
        path: "Services/MediaProcessor/App",
        swiftSettings: settings,
        linkerSettings: standalone
    ),
]

let notificationDispatcher: [Target] = [
    .target(
        name: "NotificationDomain",
        dependencies: ["EventSchema"],
        path: "Services/NotificationDispatcher/Domain",
        swiftSettings: settings
    ),
    .target(
        name: "NotificationWebhook",
        dependencies: [
            "EventSchema", "NotificationDomain", "OutboundHTTP", .asyncHTTPClient, .crypto, .logging, .nioCore,
            .nioHTTP1, .serviceLifecycle, .tracing,
        ],
        path: "Services/NotificationDispatcher/Adapters/Webhook",
        swiftSettings: settings
    ),
    .target(
        name: "NotificationStore",
        dependencies: ["EventSchema", "NotificationDomain", "Persistence"],
        path: "Services/NotificationDispatcher/Adapters/Store",
        swiftSettings: settings
    ),
    .target(
        name: "NotificationBus",
        dependencies: [
            "EventSchema", "Messaging", "NotificationDomain", "Persistence", .logging, .metrics, .serviceLifecycle,
        ],
        path: "Services/NotificationDispatcher/Adapters/Bus",
        swiftSettings: settings
    ),
    .executableTarget(
        name: "NotificationDispatcher",
        dependencies: [
            "BusBootstrap", "EventSchema", "NotificationBus", "NotificationDomain", "NotificationStore",
            "NotificationWebhook", "OutboundHTTP", "ServiceBootstrap", .asyncHTTPClient, .logging, .serviceLifecycle,
        ],
        path: "Services/NotificationDispatcher/App",
        swiftSettings: settings
    ),
]

let `operator`: [Target] = [
    .executableTarget(
        name: "Operator",
        dependencies: [
            "EventSchema", "Messaging", "ObjectStorage", "OutboundHTTP", "Persistence", "RabbitMQ", "ServiceBootstrap",
            .argumentParser, .asyncHTTPClient, .jwtKit, .logging, .nioCore, .nioHTTP1, .serviceLifecycle, .subprocess,
            .unixSignals,
        ],
        path: "Services/Operator/App",
        swiftSettings: settings
    )
]

/// Our protocol libraries without our topics, to be compared with other servers.
let probes: [Target] = [
    .executableTarget(
        name: "PhoenixProbe",
        dependencies: [
            "EventSchema", "RealtimeDomain", "RealtimeHTTP", "RealtimePhoenix", "RealtimeTesting", .argumentParser,
            .hummingbird, .logging, .nioCore, .nioPosix, .serviceLifecycle, .unixSignals,
        ],
        path: "Tests/Probes/Phoenix",
        swiftSettings: bindingSettings
    ),
    .executableTarget(
        name: "EngineIOProbe",
        dependencies: ["EngineIO", "RealtimeHTTP", "RealtimeTesting", .nioCore],
        path: "Tests/Probes/EngineIO",
        swiftSettings: bindingSettings
    ),
    .executableTarget(
        name: "SocketIOProbe",
        dependencies: ["EngineIO", "RealtimeHTTP", "RealtimeTesting", "SocketIO", .nioCore],
        path: "Tests/Probes/SocketIO",
        swiftSettings: bindingSettings
    ),
    .target(name: "MediaTesting", path: "Tests/MediaTesting", swiftSettings: bindingSettings),
    .target(name: "CConfined", dependencies: ["CFFmpeg"], path: "Tests/Probes/CConfined"),
    .executableTarget(
        name: "WorkerProbe",
        dependencies: ["CConfined", "CProcess", "MediaFFmpeg", "MediaWorker", .logging],
        path: "Tests/Probes/Worker",
        swiftSettings: bindingSettings
    ),
]

/// What `Tests/Benchmarks/bus.py` sets beside the same work in C.
let benchmarks: [Target] = [
    .executableTarget(
        name: "BusBench",
        dependencies: [
            "EventSchema", "Messaging", "Persistence", "RabbitMQ", "ServiceBootstrap", .argumentParser, .logging,
            .metrics, .serviceLifecycle,
        ],
        path: "Tests/Benchmarks/BusBench",
        swiftSettings: bindingSettings
    )
]

func tests(_ subject: String, _ extra: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(subject)Tests",
        dependencies: [.target(name: subject)] + extra,
        path: "Tests/\(subject)Tests",
        swiftSettings: bindingSettings
    )
}

let testTargets: [Target] = [
    tests("EventSchema"),
    .testTarget(
        name: "ContractTests",
        dependencies: ["EventSchema", .subprocess],
        path: "Tests/Contract",
        exclude: ["validate.py"],
        swiftSettings: bindingSettings
    ),
    tests("Persistence", ["PersistenceTesting", .logging, .serviceLifecycle, .subprocess]),
    tests(
        "Messaging",
        [
            "EventSchema", "MessagingTesting", "Persistence", "PersistenceTesting", "ServiceBootstrap", .logging,
            .serviceLifecycle, .tracing,
        ]
    ),
    tests(
        "RabbitMQ",
        [
            "CRabbitMQ", "EventSchema", "Messaging", "MessagingTesting", "ServiceBootstrap", .coreMetrics, .logging,
            .serviceLifecycle, .subprocess,
        ]
    ),
    tests("OutboundHTTP"),
    tests(
        "ObjectStorage",
        [
            "ObjectStorageTesting", "OutboundHTTP", .asyncHTTPClient, .crypto, .nioCore, .nioHTTP1, .nioPosix, .nioSSL,
            .subprocess,
        ]
    ),
    tests(
        "ServiceBootstrap",
        [
            "EventSchema", .coreMetrics, .httpTypes, .hummingbird, .hummingbirdTesting, .logging, .metrics,
            .serviceLifecycle, .tracing,
        ]
    ),
    tests("RealtimeDomain", ["EventSchema"]),
    tests(
        "RealtimeHTTP",
        [
            "EventSchema", "ObjectStorage", "RealtimeDomain", "RealtimeTesting", "ServiceBootstrap", .cryptoExtras,
            .httpTypes, .hummingbird,
            .hummingbirdTesting, .jwtKit, .logging, .nioCore, .nioEmbedded, .nioHTTP1, .nioPosix, .nioWebSocket,
        ]
    ),
    tests(
        "RealtimePhoenix",
        [
            "EventSchema", "Persistence", "PersistenceTesting", "PhoenixProbe", "RealtimeDomain", "RealtimeHTTP",
            "RealtimeStore", "RealtimeTesting", .logging, .nioCore, .nioEmbedded, .nioHTTP1, .nioPosix, .nioWebSocket,
            .serviceLifecycle, .subprocess,
        ]
    ),
    tests("EngineIO", ["RealtimeHTTP", "RealtimeTesting", .nioCore]),
    tests(
        "SocketIO",
        ["EngineIO", "RealtimeDomain", "RealtimeHTTP", "RealtimeTesting", "SocketIOProbe", .nioCore]
    ),
    tests(
        "RealtimeSocketIO",
        ["EventSchema", "RealtimeDomain", "RealtimeHTTP", "SocketIO", .nioCore, .nioEmbedded]
    ),
    tests(
        "RealtimeBus",
        [
            "EventSchema", "Messaging", "MessagingTesting", "Persistence", "PersistenceTesting", "RealtimeDomain",
            "RealtimeStore", .logging,
        ]
    ),
    tests(
        "RealtimeAuthorization",
        ["EventSchema", "RealtimeDomain", .hummingbird, .hummingbirdCore, .logging, .nioCore, .serviceLifecycle]
    ),
    tests(
        "RealtimeStore",
        ["EventSchema", "Persistence", "PersistenceTesting", "RealtimeDomain", .logging, .serviceLifecycle]
    ),
    tests("MediaDomain", ["EventSchema", "ObjectStorage"]),
    tests("MediaFFmpeg", ["EventSchema", "MediaDomain", "MediaTesting", "ObjectStorage", .logging, .subprocess]),
    tests(
        "MediaWorker",
        [
            "EventSchema", "MediaDomain", "MediaTesting", "ObjectStorage", "OutboundHTTP", "ServiceBootstrap",
            "WorkerProbe", .logging, .tracing,
        ]
    ),
    tests(
        "MediaBus",
        [
            "EventSchema", "MediaDomain", "MediaStore", "Messaging", "MessagingTesting", "ObjectStorage", "Persistence",
            "PersistenceTesting", .logging, .serviceLifecycle,
        ]
    ),
    tests(
        "MediaAdmin",
        [
            "EventSchema", "MediaDomain", "MediaStore", "Persistence", "PersistenceTesting", .httpTypes, .hummingbird,
            .hummingbirdTesting, .logging, .nioCore,
        ]
    ),
    tests("NotificationDomain", ["EventSchema"]),
    tests(
        "NotificationWebhook",
        [
            "EventSchema", "NotificationDomain", "OutboundHTTP", "ServiceBootstrap", .httpTypes, .hummingbird,
            .hummingbirdTesting, .logging, .nioCore, .serviceLifecycle, .tracing,
        ]
    ),
    tests(
        "NotificationBus",
        [
            "EventSchema", "Messaging", "MessagingTesting", "NotificationDomain", "NotificationStore", "Persistence",
            .logging, .serviceLifecycle,
        ]
    ),
    tests("Operator", ["EventSchema", "Messaging", "RabbitMQ", .argumentParser, .jwtKit]),
]

let package = Package(
    name: "martlet",
    products: [
        .executable(name: "realtime-gateway", targets: ["RealtimeGateway"]),
        .executable(name: "media-processor", targets: ["MediaProcessor"]),
        .executable(name: "notification-dispatcher", targets: ["NotificationDispatcher"]),
        .executable(name: "martlet", targets: ["Operator"]),
        .executable(name: "bus-bench", targets: ["BusBench"]),
        .executable(name: "phoenix-probe", targets: ["PhoenixProbe"]),
        .executable(name: "engineio-probe", targets: ["EngineIOProbe"]),
        .executable(name: "socketio-probe", targets: ["SocketIOProbe"]),
    ],
    // Pinned here, to the minor version, because Package.resolved is not kept.
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
        .package(url: "https://github.com/apple/swift-collections", .upToNextMinor(from: "1.6.0")),
        .package(url: "https://github.com/apple/swift-configuration", .upToNextMinor(from: "1.4.0")),
        .package(url: "https://github.com/apple/swift-crypto", .upToNextMinor(from: "4.5.2")),
        .package(url: "https://github.com/apple/swift-distributed-tracing", .upToNextMinor(from: "1.7.3")),
        .package(url: "https://github.com/apple/swift-http-types", .upToNextMinor(from: "1.8.0")),
        .package(url: "https://github.com/apple/swift-log", .upToNextMinor(from: "1.16.2")),
        .package(url: "https://github.com/apple/swift-metrics", .upToNextMinor(from: "2.13.0")),
        .package(url: "https://github.com/apple/swift-nio", .upToNextMinor(from: "2.101.2")),
        .package(url: "https://github.com/apple/swift-nio-extras", .upToNextMinor(from: "1.35.2")),
        .package(url: "https://github.com/apple/swift-nio-ssl", .upToNextMinor(from: "2.37.6")),
        .package(url: "https://github.com/groue/GRDB.swift", .upToNextMinor(from: "7.10.0")),
        .package(url: "https://github.com/hummingbird-project/hummingbird", .upToNextMinor(from: "2.28.1")),
        .package(url: "https://github.com/swift-server/async-http-client", .upToNextMinor(from: "1.37.0")),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", .upToNextMinor(from: "2.13.0")),
        .package(url: "https://github.com/swiftlang/swift-subprocess", .upToNextMinor(from: "1.0.2")),
        .package(url: "https://github.com/vapor/jwt-kit", .upToNextMinor(from: "5.7.1")),
    ],
    targets: shared + realtimeGateway + realtimeTesting + mediaProcessor + notificationDispatcher + `operator`
        + probes + benchmarks + testTargets
)
