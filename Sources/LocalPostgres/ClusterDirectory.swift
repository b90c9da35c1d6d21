internal import AnalyticsText
internal import Foundation

/// The paths of a private cluster.
///
/// - `data`: the cluster itself. `initdb` works in `data.new`, so that an existing cluster is
///   complete.
/// - `socket`: the Unix socket, which is elsewhere if its path would be too long.
/// - `server.log`, `password` (of the superuser, for TCP), `lock` (held while starting).
struct ClusterDirectory: Sendable {
  let path: String

  /// - Parameter path: Relative to the current directory if it does not begin with a slash.
  init(_ path: String) {
    self.path = URL(fileURLWithPath: path).standardizedFileURL.path
  }

  var data: String { "\(path)/data" }
  var unfinishedData: String { "\(path)/data.new" }
  var log: String { "\(path)/server.log" }
  var password: String { "\(path)/password" }
  var lock: String { "\(path)/lock" }
  var settings: String { "\(data)/local.conf" }

  /// The directory of the Unix socket. A socket's path may take 104 bytes on macOS and 108 on
  /// Linux, with its terminator.
  var socket: String {
    let inside = "\(path)/socket"
    guard "\(inside)/.s.PGSQL.65535.lock".utf8.count >= 104 else { return inside }
    return "/tmp/analytics-postgres-\(String(StableHash.fnv1a(path), radix: 36))"
  }

  var isInitialized: Bool { FileManager.default.fileExists(atPath: "\(data)/PG_VERSION") }

  /// The major version with which the cluster was created.
  var majorVersion: String? {
    (try? String(contentsOfFile: "\(data)/PG_VERSION", encoding: .utf8))?
      .split(at: "\n").first.map { String($0.trimmed) }
  }

  /// The lines of the running server's lock file.
  private var serverFacts: [String] {
    let text = try? String(contentsOfFile: "\(data)/postmaster.pid", encoding: .utf8)
    return text?.split(at: "\n", omittingEmpty: false).map { String($0) } ?? []
  }

  /// The running server's process ID, from the first line of its lock file.
  var serverProcessID: Int32? { serverFacts.first.flatMap { Int32($0) } }

  /// The port of the running server, from the fourth line of its lock file. The sixth line is its
  /// TCP address, which is empty if it listens only on its socket.
  var runningPort: (port: Int, isTCP: Bool)? {
    let facts = serverFacts
    guard facts.count >= 6, let port = Int(facts[3]) else { return nil }
    return (port, !facts[5].isEmpty)
  }

  /// The last line of the server's log that explains why it does not run.
  var lastFailure: String? {
    let text = try? String(contentsOfFile: log, encoding: .utf8)
    return text?.split(at: "\n").last { $0.has(bytesOf: "FATAL:") || $0.has(bytesOf: "PANIC:") }
      .map(String.init)
  }
}
