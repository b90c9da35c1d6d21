import Analytics
import Foundation

/// Compares `analytics import` of recent events with psql's `\copy` of the same rows. Also imports the real file.
enum ImportBenchmark {
  static let count = 400_000
  static let rounds = 5

  static func run() async throws {
    let database = try Database.fromEnvironment()
    try database.analytics("migrate", "all")
    try await withTemporaryDirectory { directory in
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
      let lines = directory + "/events.ndjson"
      let rows = directory + "/rows.copy"
      var workload = Workload()
      try write(workload.lastHour(count), to: lines)
      try database.empty()
      try database.analytics("import", lines)
      let columns = IngestBenchmark.columns
      try database.psql(
        "-c", "\\copy (select \(columns) from analytics_events) to '\(rows)' (format binary)")

      var imports: [Double] = []
      var copies: [Double] = []
      for _ in 0..<rounds {
        try database.empty()
        imports.append(
          Double(count) / (try await seconds { try database.analytics("import", lines) }))
        try database.empty()
        copies.append(
          Double(count)
            / (try await seconds {
              try database.psql(
                "-c", "\\copy analytics_events (\(columns)) from '\(rows)' (format binary)")
            }))
      }
      print("## import of \(count) recent events, median of \(rounds) rounds\n")
      row("way", "events/s", "of \\copy")
      row("---", "---:", "---:")
      row(
        "analytics import, start-up included", imports.median.rounded,
        (imports.median / copies.median).twoDigits)
      row("psql \\copy, binary", copies.median.rounded, "1.00")
      print()
      try await realFile(database)
    }
  }

  private static func realFile(_ database: Database) async throws {
    guard let sample = ProcessInfo.processInfo.environment["ANALYTICS_SAMPLE"],
      FileManager.default.fileExists(atPath: sample)
    else { return print("The real file is missing (set ANALYTICS_SAMPLE to its path).\n") }
    print("## The real file, nineteen years, start-up included\n")
    row("", "seconds")
    row("---", "---:")
    // A new schema has no partitions yet.
    let schema = ["--schema", "bench_real_file"]
    try database.psql("-c", "DROP SCHEMA IF EXISTS bench_real_file CASCADE")
    try database.analytics(["migrate", "all"] + schema)
    let first = try await seconds { try database.analytics(["import", sample] + schema) }
    row("first import, partitions and all", first.twoDigits)
    let again = try await seconds { try database.analytics(["import", sample] + schema) }
    row("the same file again", again.twoDigits)
    print()
  }

  static func write(_ events: [EnrichedEvent], to path: String) throws {
    let encoder = JSONEncoder()
    var text = Data()
    for event in events {
      text.append(try encoder.encode(event))
      text.append(UInt8(ascii: "\n"))
    }
    try text.write(to: URL(fileURLWithPath: path))
  }
}
