import Analytics
import AnalyticsStore
import Dispatch
import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Stops the server while 10,000 events a second are tracked, and starts it again. Measures memory and calls of `track`
/// during the outage, and how fast the backlog is stored, compared with psql's `\copy` of its rows.
enum OutageBenchmark {
  static let eventsPerSecond = 10_000

  /// - Parameter seconds: The length of the outage. The server runs for a tenth of it before.
  static func run(seconds away: Int) async throws {
    let database = try Database.fromEnvironment()
    try database.analytics("migrate", "all")
    try await withTemporaryDirectory { directory in
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
      try database.empty()
      let sink = try PostgresEventSink(url: database.url)
      let spool = directory + "/spool"
      let analytics = try AnalyticsClient(
        AnalyticsConfiguration(
          service: "bench", environment: "production", buffer: .durable(directory: spool)),
        sink: sink)
      let silent = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
      let group = ServiceGroup(
        services: [AnalyticsWorker(analytics, logger: silent)], logger: silent)
      let running = Task { try await group.run() }

      let memory = MemoryWatch()
      let before = await track(analytics, seconds: max(3, away / 10))
      while analytics.accounting.pending > eventsPerSecond * 20 { usleep(1000) }
      let normal = memory.next()
      try database.server("stop")
      let during = await track(analytics, seconds: away)
      let outage = memory.next()
      let backlog = analytics.accounting.pending
      let bytes = try Self.bytes(below: spool)
      try database.server(nil)
      let (wait, drain) = try await drained(analytics, backlog)
      let after = memory.next()
      await group.triggerGracefulShutdown()
      try await running.value
      let copy = try await copied(database, directory: directory)

      print("## The server down for \(away) s at \(eventsPerSecond) events a second\n")
      row("", "server up", "down", "up again, draining")
      row("---", "---:", "---:", "---:")
      row("anonymous memory at most, MiB", normal.anonymous, outage.anonymous, after.anonymous)
      row("files mapped at most, MiB", normal.mapped, outage.mapped, after.mapped)
      for (name, share) in [("median", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
        row(
          "`track`, \(name), µs", before.microseconds(share).twoDigits,
          during.microseconds(share).twoDigits, "")
      }
      row("dropped", "", "\(analytics.accounting.dropped.values.reduce(0, +))", "")
      print()
      print(
        "\(backlog) events waited in \(bytes >> 20) MiB of spool, \(bytes / max(1, backlog)) bytes each."
      )
      print("\(wait.rounded) s after the server was back the first of them were stored.\n")
      row("way", "events/s", "of \\copy")
      row("---", "---:", "---:")
      row("draining the backlog", drain.rounded, (drain / copy).twoDigits)
      row("psql \\copy, binary, of all its rows", copy.rounded, "1.00")
      print()
      let accounting = analytics.accounting
      guard accounting.isBalanced, accounting.stored == accounting.tracked else {
        throw BenchError("not all events were stored: \(accounting)")
      }
    }
  }

  /// Tracks at a constant rate, and times each call.
  private static func track(_ analytics: AnalyticsClient, seconds: Int) async -> Latencies {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var workload = Workload()
        var latencies = Latencies()
        let start = DispatchTime.now().uptimeNanoseconds
        for index in 0..<seconds * eventsPerSecond {
          let event = workload.next()
          let due = start + UInt64(index) * 1_000_000_000 / UInt64(eventsPerSecond)
          while DispatchTime.now().uptimeNanoseconds < due { usleep(1000) }
          latencies.add(nanoseconds { analytics.track(event) })
        }
        continuation.resume(returning: latencies)
      }
    }
  }

  /// - Returns: The seconds until an event was stored, and the events stored a second from then on.
  private static func drained(
    _ analytics: AnalyticsClient, _ backlog: Int
  ) async throws -> (wait: Double, rate: Double) {
    let wait = await seconds {
      while analytics.accounting.pending >= backlog { usleep(1000) }
    }
    let left = analytics.accounting.pending
    let time = await seconds {
      while analytics.accounting.pending > 0 { usleep(1000) }
    }
    return (wait, Double(left) / time)
  }

  /// Events a second of `\copy` of the rows that were just stored, into the same table, which is empty again.
  private static func copied(_ database: Database, directory: String) async throws -> Double {
    let (rows, columns) = (directory + "/rows.copy", IngestBenchmark.columns)
    // The rows were stored in the order of their time.
    try database.psql(
      "-c",
      "\\copy (select \(columns) from analytics_events order by timestamp) to '\(rows)' (format binary)"
    )
    let count =
      Int(try database.psql("-c", "SELECT count(*) FROM analytics_events").dropLast()) ?? 0
    try database.empty()
    let time = try await seconds {
      try database.psql("-c", "\\copy analytics_events (\(columns)) from '\(rows)' (format binary)")
    }
    return Double(count) / time
  }

  private static func bytes(below directory: String) throws -> Int {
    let names = FileManager.default.enumerator(atPath: directory)?.allObjects as? [String] ?? []
    return names.reduce(0) { sum, name in
      let size = try? FileManager.default.attributesOfItem(atPath: directory + "/" + name)[.size]
      return sum + (size as? Int ?? 0)
    }
  }
}

/// Counts calls by their duration. Its memory does not grow with the number of calls.
private struct Latencies {
  private static let step = 10.0
  /// One count for each ten nanoseconds; the last one counts all calls above a millisecond.
  private var counts = [Int](repeating: 0, count: 100_001)

  mutating func add(_ nanoseconds: Double) {
    counts[min(counts.count - 1, Int(nanoseconds / Self.step))] += 1
  }

  func microseconds(_ share: Double) -> Double {
    var left = Int((Double(counts.reduce(0, +)) * share).rounded(.up))
    for (index, count) in counts.enumerated() {
      left -= count
      if left <= 0 { return Double(index + 1) * Self.step / 1000 }
    }
    return .infinity
  }
}

/// Samples this process's memory ten times a second.
private final class MemoryWatch: Sendable {
  struct Peak {
    var anonymous = "?"
    var mapped = "?"
  }
  private let peaks = Mutex((anonymous: 0, mapped: 0))

  init() {
    Thread.detachNewThread { [weak self] in
      while let self {
        sample()
        usleep(100_000)
      }
    }
  }

  /// The largest values since the last call.
  func next() -> Peak {
    sample()
    return peaks.withLock { peaks in
      defer { peaks = (0, 0) }
      return Peak(anonymous: "\(peaks.anonymous >> 10)", mapped: "\(peaks.mapped >> 10)")
    }
  }

  private func sample() {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return
    }
    func kilobytes(_ name: String) -> Int {
      let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
      return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }
    let anonymous = kilobytes("RssAnon")
    let mapped = kilobytes("RssFile") + kilobytes("RssShmem")
    peaks.withLock { $0 = (max($0.anonymous, anonymous), max($0.mapped, mapped)) }
  }
}
