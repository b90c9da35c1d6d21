internal import AnalyticsText
internal import Foundation
internal import Subprocess
internal import SystemPackage

extension ServerBinaries {
  /// The settings of a server whose databases can use TimescaleDB.
  ///
  /// There are no background workers, so jobs run only when a test calls them. Telemetry is off.
  static let timescaleSettings = [
    "shared_preload_libraries": "timescaledb",
    "timescaledb.telemetry_level": "off",
    "timescaledb.max_background_workers": "0",
  ]

  /// Whether the edition of TimescaleDB that compresses is installed for this server.
  func hasTimescale() async -> Bool {
    guard
      let libraries = await Self.output(of: .path(.init(path(of: "pg_config"))), ["--pkglibdir"])
    else { return false }
    let files = (try? FileManager.default.contentsOfDirectory(atPath: libraries)) ?? []
    return files.contains { $0.begins(with: "timescaledb-tsl-") }
  }
}
