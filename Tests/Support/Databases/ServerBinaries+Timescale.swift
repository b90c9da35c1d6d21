internal import Foundation
internal import LocalPostgres

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
    let output = Pipe()
    let child = try? ChildProcess(
      path(of: "pg_config"), ["--pkglibdir"], output: .pipe(output), error: .null)
    guard let child, await child.ended() == .exited(0) else { return false }
    let text = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let libraries = text.trimmingCharacters(in: .whitespacesAndNewlines)
    let files = (try? FileManager.default.contentsOfDirectory(atPath: libraries)) ?? []
    return files.contains { $0.hasPrefix("timescaledb-tsl-") }
  }
}
