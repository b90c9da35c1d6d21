import Analytics
import AnalyticsConnections
import AnalyticsStore
import Foundation

/// A replica that counts usage and flushes it, until it is killed.
///
/// ```
/// AnalyticsUsageSubject <database URL> <incarnation>
/// ```
/// Each round counts some requests of a workspace that no other round uses, and of an owner that all replicas share.
/// Once the round is flushed, it prints the round's number in a line.
///
/// It ends when its standard input closes, so that it never outlives the process that started it.
@main
struct UsageSubject {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let incarnation = Int(arguments[2]) else {
      fatalError("two arguments are needed")
    }
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while read(0, &byte, 1) > 0 {}
      _exit(0)
    }
    let usage = UsageTracker(sink: try PostgresUsageSink(AnalyticsDatabase(url: arguments[1])))
    let owner = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1))
    for number in 1... {
      let bytes = withUnsafeBytes(of: (incarnation.bigEndian, number.bigEndian)) { Array($0) }
      let workspace = bytes.withUnsafeBytes { UUID(uuid: $0.load(as: uuid_t.self)) }
      usage.track(
        workspaceID: workspace, ownerID: owner, allowed: number % 5 + 1)
      // If a flush fails, the delta is kept and the flush is repeated.
      while (try? await usage.flush()) == nil { poll(nil, 0, 20) }
      FileHandle.standardOutput.write(Data("\(number)\n".utf8))
      poll(nil, 0, 10)
    }
  }
}
