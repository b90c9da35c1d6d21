// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "analytics-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "swift-usage-analytics", path: "..", traits: ["Server"])
  ],
  targets: [
    .target(name: "CAllocationCount"),
    .executableTarget(
      name: "Bench",
      dependencies: [
        "CAllocationCount",
        .product(name: "Analytics", package: "swift-usage-analytics"),
        .product(name: "AnalyticsReports", package: "swift-usage-analytics"),
        .product(name: "AnalyticsServer", package: "swift-usage-analytics"),
        .product(name: "AnalyticsStore", package: "swift-usage-analytics"),
      ]),
  ]
)
