import Analytics
import Foundation

/// What rollups cost those who store, and what rolling up takes afterwards: the same rows into the table, all of
/// them pending, and into one that knows of no rollups; in batches of two sizes, by one writer and by four at
/// once; beside the way of adi-analytics.
enum RollupBenchmark {
  static let count = 100_000
  static let rounds = 5
  /// The interval of 10 million events in 60 days. A batch of 10,000 events spans 1.4 hours.
  static let microsecondsAnEvent: Int64 = 518_400

  private struct Way {
    var name: String
    var hasRollups: Bool
    var batch: Int
    var writers = 1
  }

  private static let ways = [
    Way(name: "without rollups, batches of 10,000", hasRollups: false, batch: 10_000),
    Way(name: "with all of them, batches of 10,000", hasRollups: true, batch: 10_000),
    Way(name: "… four writers at once", hasRollups: true, batch: 10_000, writers: 4),
    Way(name: "without rollups, batches of 1,000", hasRollups: false, batch: 1000),
    Way(name: "with all of them, batches of 1,000", hasRollups: true, batch: 1000),
    Way(name: "… four writers at once", hasRollups: true, batch: 1000, writers: 4),
  ]

  static func run() async throws {
    let database = try Database.fromEnvironment()
    try database.analytics("migrate", "all")
    _ = try makeBare(database)
    try await withTemporaryDirectory { directory in
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
      var workload = Workload()
      let seed = try IngestBenchmark.prepareSeed(
        database, directory: directory, rows: directory + "/rows.copy", events: events(&workload))
      let scripts = try ways.map { try prepare($0, database, directory) }
      var rates = ways.map { _ in [Double]() }
      var rollUps = ways.map { _ in [Double]() }
      var seedRates: [Double] = []
      for _ in 0..<rounds {
        for (index, way) in ways.enumerated() {
          try database.empty()
          let time = try await seconds { try database.psqlAtOnce(scripts[index]) }
          rates[index].append(Double(count) / time)
          guard way.hasRollups else { continue }
          let later = try await seconds { try database.analytics("rollups", "refresh") }
          rollUps[index].append(later * 1_000_000 / Double(count))
        }
        try database.psql("-c", "TRUNCATE seed_events", "-c", "CHECKPOINT")
        seedRates.append(
          Double(seed.count) / (try await seconds { try database.psql("-f", seed.path) }))
      }
      let base = rates.map(\.median)
      print("## Rollups, \(count) events, median of \(rounds) rounds, wall clock\n")
      row(
        "way", "events/s", "of without", "rolling up afterwards, µs an event", "of adi-analytics")
      row("---", "---:", "---:", "---:", "---:")
      for (index, way) in ways.enumerated() {
        let without = ways.firstIndex { !$0.hasRollups && $0.batch == way.batch } ?? 0
        row(
          way.name, base[index].rounded, (base[index] / base[without]).twoDigits,
          way.hasRollups ? rollUps[index].median.twoDigits : "",
          (base[index] / seedRates.median).twoDigits)
      }
      row(
        "adi-analytics: INSERT of 100 rows into its table", seedRates.median.rounded, "", "", "1.00"
      )
      print()
    }
    try dropBare(database)
  }

  static func dropBare(_ database: Database) throws {
    try database.psql("-c", "SET client_min_messages = error; DROP SCHEMA IF EXISTS bare CASCADE")
  }

  /// Makes the same table without the trigger and the column that mark events as pending.
  static func makeBare(_ database: Database) throws -> Database {
    var bare = database
    bare.schema = "bare"
    try dropBare(database)
    try bare.analytics("migrate", "all")
    try bare.psql(
      "-c", "DROP TRIGGER analytics_mark_batch ON analytics_events",
      "-c", "ALTER TABLE analytics_events DROP COLUMN batch",
      "-c",
      "SELECT analytics_ensure_partitions(ARRAY(SELECT now() - interval '1 day' * d FROM generate_series(0, 3) AS d))"
    )
    return bare
  }

  private static func events(_ workload: inout Workload) -> [EnrichedEvent] {
    let end = Int64(Date().timeIntervalSince1970) * 1_000_000
    return (0..<Int64(count)).map { index in
      let instant = end - (Int64(count) - index) * microsecondsAnEvent
      return EnrichedEvent(
        timestamp: EventTimestamp(microsecondsSinceUnixEpoch: instant),
        event: workload.next(on: Int(instant / 86_400_000_000)), hostname: "web-1",
        environment: "production")
    }
  }

  /// Writes the batches, and a script for each writer. The batches are dealt out in turn, so that all writers store
  /// into the same hours.
  private static func prepare(
    _ way: Way, _ database: Database, _ directory: String
  ) throws -> [String] {
    var scripts = [String](repeating: "", count: way.writers)
    for (index, start) in stride(from: 0, to: count, by: way.batch).enumerated() {
      let path = "\(directory)/batch-\(way.batch)-\(index).copy"
      if !FileManager.default.fileExists(atPath: path) {
        try database.psql(
          "-c",
          "\\copy (select \(IngestBenchmark.columns) from analytics_events "
            + "order by timestamp, id offset \(start) limit \(way.batch)) to '\(path)' (format binary)"
        )
      }
      scripts[index % way.writers] +=
        "\\copy \(way.hasRollups ? "" : "bare.")analytics_events (\(IngestBenchmark.columns)) from '\(path)' (format binary)\n"
    }
    return try scripts.enumerated().map { index, script in
      let path = "\(directory)/writer-\(way.batch)-\(way.hasRollups)-\(way.writers)-\(index).sql"
      try script.write(toFile: path, atomically: false, encoding: .utf8)
      return path
    }
  }
}
