import AnalyticsInterchange
import AnalyticsPostgres

/// Reads all of standard input, on its own thread.
actor StandardInput {
  private let thread = ConnectionThread(name: "standard-input")

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// - Throws: If standard input cannot be read, or has more than `bytesMax` bytes.
  func read(bytesMax: Int) throws -> [UInt8] {
    defer { thread.finish() }
    let file = try FileBytes(path: "-")
    var bytes = [UInt8](repeating: 0, count: 64 * 1024)
    var all: [UInt8] = []
    while true {
      let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
      if count == 0 { return all }
      all += bytes[..<count]
      guard all.count <= bytesMax else { throw LineProblem.tooLong }
    }
  }
}
