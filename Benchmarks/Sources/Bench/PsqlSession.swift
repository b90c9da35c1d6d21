import Foundation

/// A session of psql that executes one line at a time. Only one thread may use it.
final class PsqlSession {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private static let end = "-- end --"

  init(_ database: Database) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", database.url,
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["PGOPTIONS": "-c search_path=\(database.schema ?? "public")"]) { $1 }
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Runs a psql command or a statement, and waits until it ends.
  ///
  /// - Returns: The output of psql.
  @discardableResult
  func run(_ line: String) throws -> String {
    try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n\\echo \(Self.end)\n".utf8))
    var printed = ""
    while !printed.hasSuffix(Self.end + "\n") {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw BenchError("psql has ended: \(printed)") }
      printed += String(decoding: more, as: UTF8.self)
    }
    return String(printed.dropLast(Self.end.count + 1))
  }
}
