internal import AnalyticsText
internal import Foundation

/// Where the parts of a private cluster are.
///
/// - `data`: the cluster itself; `data.new` while `initdb` is at work, so that a cluster which is
///   there is complete.
/// - `socket`: the Unix socket; elsewhere when the path would be too long for one.
/// - `server.log`, `password` (of the superuser, for TCP), `lock` (held while starting).
struct ClusterFolder: Sendable {
  let path: String

  /// - Parameter path: Relative to the current folder if it does not begin with a slash.
  init(_ path: String) {
    self.path = URL(fileURLWithPath: path).standardizedFileURL.path
  }

  var data: String { "\(path)/data" }
  var unfinishedData: String { "\(path)/data.new" }
  var log: String { "\(path)/server.log" }
  var password: String { "\(path)/password" }
  var lock: String { "\(path)/lock" }
  var settings: String { "\(data)/local.conf" }

  /// The address of a Unix socket takes 104 bytes on macOS and 108 on Linux, its end included.
  var socket: String {
    let inside = "\(path)/socket"
    guard "\(inside)/.s.PGSQL.65535.lock".utf8.count >= 104 else { return inside }
    return "/tmp/analytics-postgres-\(String(Self.hash(path), radix: 36))"
  }

  var isInitialized: Bool { FileManager.default.fileExists(atPath: "\(data)/PG_VERSION") }

  /// The major version that made the cluster.
  var majorVersion: String? {
    (try? String(contentsOfFile: "\(data)/PG_VERSION", encoding: .utf8))?
      .split(at: "\n").first.map { String($0.trimmed) }
  }

  /// What the running server says of itself in its lock file, line by line.
  private var serverFacts: [String] {
    let text = try? String(contentsOfFile: "\(data)/postmaster.pid", encoding: .utf8)
    return text?.split(at: "\n", omittingEmpty: false).map { String($0) } ?? []
  }

  /// The running server's process, from the first line of its lock file.
  var serverProcessID: Int32? { serverFacts.first.flatMap { Int32($0) } }

  /// The port is in the fourth line of the lock file, the address in the sixth: empty when the
  /// server listens on its socket only.
  var runningPort: (port: Int, isTCP: Bool)? {
    let facts = serverFacts
    guard facts.count >= 6, let port = Int(facts[3]) else { return nil }
    return (port, !facts[5].isEmpty)
  }

  /// The last line of the server's log that says why it does not run.
  var lastFailure: String? {
    let text = try? String(contentsOfFile: log, encoding: .utf8)
    return text?.split(at: "\n").last { $0.has(bytesOf: "FATAL:") || $0.has(bytesOf: "PANIC:") }
      .map(String.init)
  }

  /// FNV-1a: the same in every process, which Swift's own hash is not.
  private static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
