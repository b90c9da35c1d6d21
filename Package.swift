// swift-tools-version: 6.2
import PackageDescription

// In CI, the Makefile sets the variable. The setting applies to our own targets only. An option of `swift build` would
// apply to the dependencies, too.
let warningSettings: [SwiftSetting] =
  Context.environment["ANALYTICS_WARNINGS_AS_ERRORS"] == nil
  ? [] : [.treatAllWarnings(as: .error)]

let houseSettings: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  ] + warningSettings

// A consumer resolves and builds only what its traits ask for.
let hummingbird: TargetDependencyCondition? = .when(traits: ["Hummingbird"])
let grpc: TargetDependencyCondition? = .when(traits: ["GRPC"])
let telemetry: TargetDependencyCondition? = .when(traits: ["Telemetry"])
let server: TargetDependencyCondition? = .when(traits: ["Server"])
let commands: TargetDependencyCondition? = .when(traits: ["Commands"])
let examples: TargetDependencyCondition? = .when(traits: ["Examples"])

let package = Package(
  name: "swift-usage-analytics",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Analytics", targets: ["Analytics"]),
    .library(name: "AnalyticsGRPC", targets: ["AnalyticsGRPC"]),
    .library(name: "AnalyticsHummingbird", targets: ["AnalyticsHummingbird"]),
    .library(name: "AnalyticsReports", targets: ["AnalyticsReports", "AnalyticsRollups"]),
    .library(name: "AnalyticsServer", targets: ["AnalyticsServer"]),
    .library(name: "AnalyticsStore", targets: ["AnalyticsRollups", "AnalyticsStore"]),
    .library(name: "AnalyticsTelemetry", targets: ["AnalyticsTelemetry"]),
    .library(name: "AnalyticsTestKit", targets: ["AnalyticsTestKit"]),
    .executable(name: "analytics", targets: ["AnalyticsMain"]),
    .executable(name: "analytics-migrate", targets: ["AnalyticsMigrateMain"]),
  ],
  traits: [
    .trait(
      name: "Configuration",
      description: "Reads an AnalyticsConfiguration from swift-configuration keys."),
    .trait(
      name: "Hummingbird",
      description: "AnalyticsHummingbird: tracks the requests of a Hummingbird application."),
    .trait(name: "GRPC", description: "AnalyticsGRPC: tracks the calls of a gRPC server."),
    .trait(
      name: "Telemetry",
      description: "AnalyticsTelemetry: sends usage periods to a collector by HTTP."),
    .trait(
      name: "Server",
      description: "AnalyticsServer: the report API, the dashboard and metrics.",
      enabledTraits: ["Hummingbird", "Telemetry"]),
    .trait(
      name: "Commands", description: "The commands analytics and analytics-migrate.",
      enabledTraits: ["Configuration", "Server"]),
    .trait(
      name: "Examples", description: "The example services.",
      enabledTraits: ["GRPC", "Hummingbird"]),
    .default(enabledTraits: ["Configuration"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-crypto", "3.12.0"..<"5.0.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.0"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.0"),
    // Hummingbird's default traits include one that needs swift-configuration. It is left out here, because only our
    // own trait `Configuration` may add that package.
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1",
      traits: ["FullFoundation"]),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CAnalyticsPQ", pkgConfig: "libpq",
      providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
    .systemLibrary(
      name: "CAnalyticsZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(name: "CAnalyticsPlatform"),
    .target(name: "AnalyticsText", swiftSettings: houseSettings),
    .target(
      name: "AnalyticsGzip", dependencies: ["CAnalyticsZlib"], swiftSettings: houseSettings),
    .target(
      name: "AnalyticsPostgres",
      dependencies: ["AnalyticsText", "CAnalyticsPQ"],
      swiftSettings: houseSettings),
    .target(
      name: "AnalyticsConnections",
      dependencies: [
        "AnalyticsPostgres", "AnalyticsText",
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: houseSettings),
    .target(
      name: "Analytics",
      dependencies: [
        "AnalyticsText", "CAnalyticsPlatform",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(
          name: "Configuration", package: "swift-configuration",
          condition: .when(traits: ["Configuration"])),
      ],
      swiftSettings: houseSettings),
    .target(
      name: "AnalyticsRollups", dependencies: ["AnalyticsPostgres", "AnalyticsText"],
      swiftSettings: houseSettings),
    .target(
      name: "AnalyticsPrometheus",
      dependencies: [
        "AnalyticsText",
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: houseSettings),
    .target(
      name: "AnalyticsStore",
      dependencies: [
        "Analytics", "AnalyticsConnections", "AnalyticsPostgres", "AnalyticsRollups",
        "AnalyticsText",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      resources: [
        .embedInCode("Migrations/001_create_analytics_events.sql"),
        .embedInCode("Migrations/002_create_analytics_retention.sql"),
        .embedInCode("Migrations/003_create_analytics_dead_letters.sql"),
        .embedInCode("Migrations/004_create_analytics_rollups.sql"),
        .embedInCode("Migrations/005_create_analytics_insert_new.sql"),
        .embedInCode("Migrations/006_create_analytics_erasures.sql"),
        .embedInCode("Migrations/007_create_analytics_keys.sql"),
        .embedInCode("Migrations/008_create_analytics_instance.sql"),
        .embedInCode("Migrations/009_create_analytics_usage.sql"),
        .embedInCode("Migrations/010_create_analytics_client_applications.sql"),
        .embedInCode("Migrations/011_create_analytics_telemetry.sql"),
        .embedInCode("Migrations/012_add_to_histograms.sql"),
        .embedInCode("Migrations/013_count_suppressed_events.sql"),
        .embedInCode("Migrations/014_create_analytics_installation.sql"),
        .embedInCode("Migrations/015_erase_what_is_dated_ahead.sql"),
        .embedInCode("Migrations/016_bound_partitions_of_writers.sql"),
        .embedInCode("Migrations/017_read_bounds_whatever_the_settings.sql"),
        .embedInCode("Migrations/018_roll_up_later.sql"),
        .embedInCode("Migrations/019_count_by_sets.sql"),
        .embedInCode("Migrations/020_bound_rollups.sql"),
        .embedInCode("Migrations/021_send_histograms_as_bytes.sql"),
        .embedInCode("Migrations/022_erase_beside_readers.sql"),
        .embedInCode("Migrations/023_count_events_to_roll_up.sql"),
        .embedInCode("Migrations/024_create_usage_figures.sql"),
        .embedInCode("Migrations/025_find_what_was_taken_out.sql"),
        .embedInCode("Engine/timescale.sql"),
        .embedInCode("Rollups/upstream_views.sql"),
      ],
      swiftSettings: houseSettings),
    .target(
      name: "AnalyticsReports",
      dependencies: [
        "AnalyticsConnections", "AnalyticsPostgres", "AnalyticsRollups", "AnalyticsText",
      ],
      swiftSettings: houseSettings),
    .target(
      name: "AnalyticsTelemetry",
      dependencies: [
        "AnalyticsConnections", "AnalyticsPostgres", "AnalyticsReports", "AnalyticsText",
        .product(name: "AsyncHTTPClient", package: "async-http-client", condition: telemetry),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio", condition: telemetry),
        .product(name: "NIOHTTP1", package: "swift-nio", condition: telemetry),
        .product(name: "NIOPosix", package: "swift-nio", condition: telemetry),
        .product(name: "NIOSSL", package: "swift-nio-ssl", condition: telemetry),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: houseSettings),
    .target(
      name: "AnalyticsServer",
      dependencies: [
        "AnalyticsConnections", "AnalyticsGzip", "AnalyticsPostgres", "AnalyticsPrometheus",
        "AnalyticsReports", "AnalyticsRollups", "AnalyticsTelemetry", "AnalyticsText",
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "HTTPTypes", package: "swift-http-types", condition: server),
        .product(name: "Hummingbird", package: "hummingbird", condition: server),
        .product(name: "HummingbirdCore", package: "hummingbird", condition: server),
        .product(name: "HummingbirdTLS", package: "hummingbird", condition: server),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio", condition: server),
        .product(name: "NIOHTTP1", package: "swift-nio", condition: server),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras", condition: server),
        .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras", condition: server),
        .product(name: "NIOSSL", package: "swift-nio-ssl", condition: server),
        .product(name: "NIOTLS", package: "swift-nio", condition: server),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      resources: [
        .embedInCode("Dashboard/Assets/icon.svg"), .embedInCode("Dashboard/Assets/script.js"),
        .embedInCode("Dashboard/Assets/style.css"),
      ],
      swiftSettings: houseSettings),
    .target(
      name: "AnalyticsHummingbird",
      dependencies: [
        "Analytics",
        .product(name: "HTTPTypes", package: "swift-http-types", condition: hummingbird),
        .product(name: "Hummingbird", package: "hummingbird", condition: hummingbird),
      ],
      swiftSettings: houseSettings),
    .target(
      name: "AnalyticsGRPC",
      dependencies: [
        "Analytics", .product(name: "GRPCCore", package: "grpc-swift-2", condition: grpc),
      ],
      swiftSettings: houseSettings),
    .target(
      name: "LocalPostgres",
      dependencies: [
        "AnalyticsPostgres", "AnalyticsText",
        .product(name: "Subprocess", package: "swift-subprocess", condition: commands),
        .product(name: "SystemPackage", package: "swift-system", condition: commands),
      ],
      swiftSettings: houseSettings),
    .target(
      name: "AnalyticsTestKit",
      dependencies: ["Analytics"],
      swiftSettings: houseSettings),
    .target(
      name: "AnalyticsInterchange",
      dependencies: [
        "Analytics", "AnalyticsConnections", "AnalyticsGzip", "AnalyticsPostgres",
        "AnalyticsStore", "AnalyticsText",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: houseSettings),
    .target(
      name: "AnalyticsCommand",
      dependencies: [
        "Analytics", "AnalyticsConnections", "AnalyticsHummingbird", "AnalyticsInterchange",
        "AnalyticsPostgres", "AnalyticsReports", "AnalyticsRollups", "AnalyticsServer",
        "AnalyticsStore", "AnalyticsTelemetry", "AnalyticsText", "LocalPostgres",
        .product(name: "ArgumentParser", package: "swift-argument-parser", condition: commands),
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: houseSettings),
    .target(name: "EventCatalogue", path: "Tools/EventCatalogue", swiftSettings: houseSettings),
    .executableTarget(
      name: "WriteCatalogueFiles", dependencies: ["EventCatalogue"],
      path: "Tools/WriteCatalogueFiles",
      swiftSettings: houseSettings),
    .executableTarget(
      name: "AnalyticsMain", dependencies: ["AnalyticsCommand"], swiftSettings: houseSettings),
    .executableTarget(
      name: "AnalyticsMigrateMain", dependencies: ["AnalyticsCommand"],
      swiftSettings: houseSettings),
    .executableTarget(
      name: "TaskService",
      dependencies: [
        "Analytics", "AnalyticsStore",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      path: "Examples/TaskService",
      swiftSettings: houseSettings),
    .executableTarget(
      name: "HummingbirdService",
      dependencies: [
        "Analytics", "AnalyticsHummingbird", "AnalyticsStore",
        .product(name: "HTTPTypes", package: "swift-http-types", condition: examples),
        .product(name: "Hummingbird", package: "hummingbird", condition: examples),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio", condition: examples),
      ],
      path: "Examples/HummingbirdService", swiftSettings: houseSettings),
    .executableTarget(
      name: "GRPCService",
      dependencies: [
        "Analytics", "AnalyticsGRPC", "AnalyticsStore",
        .product(name: "GRPCCore", package: "grpc-swift-2", condition: examples),
        .product(
          name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport", condition: examples),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      path: "Examples/GRPCService", swiftSettings: houseSettings),
    .executableTarget(
      name: "AnalyticsCrashSubject", dependencies: ["Analytics"], path: "Tests/CrashSubject",
      swiftSettings: houseSettings),
    .executableTarget(
      name: "AnalyticsServiceSubject",
      dependencies: [
        "Analytics", "AnalyticsPostgres", "AnalyticsStore",
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/ServiceSubject", swiftSettings: houseSettings),
    .executableTarget(
      name: "AnalyticsUsageSubject",
      dependencies: [
        "Analytics", "AnalyticsConnections", "AnalyticsStore",
      ],
      path: "Tests/UsageSubject", swiftSettings: houseSettings),
    .target(
      name: "AnalyticsTestSupport",
      dependencies: [
        "Analytics", "AnalyticsGzip", "AnalyticsPostgres", "AnalyticsText", "LocalPostgres",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      path: "Tests/Support", swiftSettings: houseSettings),
    .testTarget(
      name: "AnalyticsTests",
      dependencies: [
        "Analytics", "AnalyticsCrashSubject", "AnalyticsTestKit", "AnalyticsTestSupport",
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "MetricsTestKit", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: houseSettings),
    .testTarget(
      name: "AnalyticsTextTests", dependencies: ["AnalyticsTestSupport", "AnalyticsText"],
      swiftSettings: houseSettings),
    .testTarget(
      name: "AnalyticsGzipTests", dependencies: ["AnalyticsGzip", "AnalyticsTestSupport"],
      swiftSettings: houseSettings),
    .testTarget(
      name: "AnalyticsPrometheusTests",
      dependencies: [
        "AnalyticsPrometheus", .product(name: "CoreMetrics", package: "swift-metrics"),
      ],
      swiftSettings: houseSettings),
    .testTarget(
      name: "AnalyticsPostgresTests",
      dependencies: [
        "AnalyticsPostgres", "AnalyticsTestSupport", "LocalPostgres",
      ],
      swiftSettings: houseSettings),
    .testTarget(
      name: "AnalyticsStoreTests",
      dependencies: [
        "Analytics", "AnalyticsConnections", "AnalyticsPostgres", "AnalyticsReports",
        "AnalyticsRollups", "AnalyticsStore", "AnalyticsTestKit", "AnalyticsTestSupport",
        "LocalPostgres",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      exclude: ["Upgrade/installation_at_017.sql"],
      swiftSettings: houseSettings),
    .testTarget(
      name: "AnalyticsReportsTests",
      dependencies: [
        "Analytics", "AnalyticsConnections", "AnalyticsInterchange", "AnalyticsPostgres",
        "AnalyticsReports", "AnalyticsRollups", "AnalyticsStore", "AnalyticsTestKit",
        "AnalyticsTestSupport", "AnalyticsText",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: houseSettings),
    .testTarget(
      name: "AnalyticsServerTests",
      dependencies: [
        "Analytics", "AnalyticsConnections", "AnalyticsPostgres", "AnalyticsPrometheus",
        "AnalyticsReports", "AnalyticsRollups", "AnalyticsServer", "AnalyticsStore",
        "AnalyticsTelemetry", "AnalyticsTestSupport", "AnalyticsText", "CAnalyticsZlib",
        "LocalPostgres",
        .product(name: "HTTPTypes", package: "swift-http-types", condition: server),
        .product(name: "Hummingbird", package: "hummingbird", condition: server),
        .product(name: "HummingbirdTesting", package: "hummingbird", condition: server),
        .product(name: "NIOCore", package: "swift-nio", condition: server),
        .product(name: "NIOHTTP1", package: "swift-nio", condition: server),
        .product(name: "NIOPosix", package: "swift-nio", condition: server),
        .product(name: "NIOSSL", package: "swift-nio-ssl", condition: server),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: houseSettings),
    .testTarget(
      name: "AnalyticsHummingbirdTests",
      dependencies: [
        "Analytics", "AnalyticsHummingbird", "AnalyticsTestKit", "AnalyticsTestSupport",
        .product(name: "HTTPTypes", package: "swift-http-types", condition: hummingbird),
        .product(name: "Hummingbird", package: "hummingbird", condition: hummingbird),
        .product(name: "HummingbirdTesting", package: "hummingbird", condition: hummingbird),
      ],
      swiftSettings: houseSettings),
    .testTarget(
      name: "AnalyticsGRPCTests",
      dependencies: [
        "Analytics", "AnalyticsGRPC", "AnalyticsTestKit", "AnalyticsTestSupport",
        .product(name: "GRPCCore", package: "grpc-swift-2", condition: grpc),
        .product(name: "GRPCInProcessTransport", package: "grpc-swift-2", condition: grpc),
      ],
      swiftSettings: houseSettings),
    .testTarget(
      name: "AnalyticsInterchangeTests",
      dependencies: [
        "Analytics", "AnalyticsInterchange", "AnalyticsTestSupport",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: houseSettings),
    .testTarget(
      name: "AnalyticsCommandTests",
      dependencies: [
        "Analytics", "AnalyticsCommand", "AnalyticsConnections", "AnalyticsInterchange",
        "AnalyticsPostgres", "AnalyticsReports", "AnalyticsRollups", "AnalyticsStore",
        "AnalyticsTestSupport", "AnalyticsText", "LocalPostgres",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: houseSettings),
    .testTarget(
      name: "AnalyticsFaultTests",
      dependencies: [
        "Analytics", "AnalyticsConnections", "AnalyticsPostgres", "AnalyticsServiceSubject",
        "AnalyticsStore", "AnalyticsTestSupport", "AnalyticsUsageSubject", "LocalPostgres",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: houseSettings),
    .testTarget(
      name: "ExampleTests",
      dependencies: [
        "Analytics", "AnalyticsConnections", "AnalyticsHummingbird", "AnalyticsPostgres",
        "AnalyticsRollups", "AnalyticsServer", "AnalyticsStore", "AnalyticsTelemetry",
        "AnalyticsTestKit", "AnalyticsTestSupport", "GRPCService", "HummingbirdService",
        "TaskService",
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "Hummingbird", package: "hummingbird", condition: server),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: houseSettings),
    .testTarget(
      name: "HouseTests", dependencies: ["AnalyticsTestSupport", "EventCatalogue"],
      swiftSettings: houseSettings),
  ]
)
