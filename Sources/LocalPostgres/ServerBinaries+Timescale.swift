internal import AnalyticsText
internal import Foundation
internal import Subprocess
internal import SystemPackage

extension ServerBinaries {
  /// What a server is told so that databases can be kept by TimescaleDB.
  ///
  /// No background workers: jobs run when a test calls them, and never beside it. Nothing is sent
  /// anywhere.
  static let timescaleSettings = [
    "shared_preload_libraries": "timescaledb",
    "timescaledb.telemetry_level": "off",
    "timescaledb.max_background_workers": "0",
  ]

  /// Whether the edition that compresses is installed beside these.
  func hasTimescale() async -> Bool {
    guard
      let libraries = await Self.output(of: .path(.init(path(of: "pg_config"))), ["--pkglibdir"])
    else { return false }
    let files = (try? FileManager.default.contentsOfDirectory(atPath: libraries)) ?? []
    return files.contains { $0.begins(with: "timescaledb-tsl-") }
  }
}
