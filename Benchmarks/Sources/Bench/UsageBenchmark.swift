import Analytics
import AnalyticsStore
import Foundation
import Synchronization

/// What usage counters cost: a call, a member in memory, a flush, and the closing of a period.
enum UsageBenchmark {
  private static let rounds = 41
  private static let known = (0..<1000).map { _ in UUID() }

  static func run() async throws {
    track()
    memory()
    let database = try Database.fromEnvironment()
    try database.analytics("migrate", "all")
    try await flush(database)
    try await close(database)
  }

  // MARK: - A call

  private final class Floor: Sendable {
    let state = Mutex(0)
    @inline(never)
    func step() { state.withLock { $0 &+= 1 } }
  }

  private static func track() {
    let count = TrackBenchmark.eventsPerRound
    let usage = UsageTracker(sink: NoUsageSink())
    let floors = [Floor(), Floor()]
    let ids = known
    // Each stripe has all members before the clock runs.
    let way: @Sendable (Int) -> Void = { _ in
      for call in 0..<count {
        usage.track(workspaceID: ids[call % 1000], ownerID: ids[call % 100], allowed: 1)
      }
    }
    let floor: @Sendable (Int) -> Void = { lane in for _ in 0..<count { floors[lane].step() } }
    var times: [[Double]] = [[], [], [], []]
    for round in 0..<rounds + 5 {
      for threads in 1...2 {
        let ways = round % 2 == 0 ? [floor, way] : [way, floor]
        let pair = ways.map { TrackBenchmark.measure(threads: threads, $0) }
        if round < 5 { continue }
        times[threads - 1].append(pair[round % 2])
        times[threads + 1].append(pair[1 - round % 2])
      }
    }
    let medians = times.map(\.median)
    print("## usage: nanoseconds a call with known members, median of \(rounds) rounds\n")
    row("way", "1 thread", "2 threads", "of a mutex", "2 threads of 1")
    row("---", "---:", "---:", "---:", "---:")
    row("uncontended mutex", medians[0].rounded, medians[1].rounded, "1.00", "")
    row(
      "track", medians[2].rounded, medians[3].rounded, (medians[2] / medians[0]).twoDigits,
      (medians[3] / medians[2]).twoDigits)
    print("")
  }

  // MARK: - A member

  private static func memory() {
    let members = 1_000_000
    let owner = known[0]
    let usage = UsageTracker(membersMax: members + 100, sink: NoUsageSink())
    let before = residentBytes()
    for _ in 0..<members { usage.track(workspaceID: UUID(), ownerID: owner) }
    let bytes = Double(residentBytes() - before) / Double(members)
    print("## usage: bytes a member with 1,000,000 of them: \(bytes.rounded)")
    print("dropped: \(usage.dropped)\n")
  }

  private static func residentBytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
  }

  // MARK: - A flush

  private static func flush(_ database: Database) async throws {
    let sink = try PostgresUsageSink(AnalyticsDatabase(url: database.url))
    var times: [Double] = []
    for _ in 0..<5 {
      let usage = UsageTracker(sink: sink)
      for _ in 0..<50_000 { usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1) }
      times.append(try await seconds { try await usage.flush() })
    }
    print("## usage: seconds a flush of 100,000 new members: \(times.median.twoDigits)")
    print("each: \(times.map(\.twoDigits).joined(separator: ", "))\n")
  }

  // MARK: - A closing

  /// Times the statement and its commit in psql. This is longer than the time for which the lock is held.
  private static func close(_ database: Database) async throws {
    func closing() async throws -> Double? {
      // A period of a second can be closed as soon as the next second has begun.
      try await Task.sleep(for: .milliseconds(1100))
      let output = try database.psql(
        "-c", "\\timing on", "-c", "SELECT analytics_close_usage('1 second') IS NOT NULL")
      let lines = output.split(separator: "\n")
      guard lines.contains("t") else { return nil }
      return lines.last { $0.hasPrefix("Time: ") }?.split(separator: " ").dropFirst().first
        .flatMap { Double($0) }
    }
    let sink = try PostgresUsageSink(AnalyticsDatabase(url: database.url))
    var quiet: [Double] = []
    for _ in 0..<9 {
      let usage = UsageTracker(sink: sink)
      for _ in 0..<50_000 { usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1) }
      try await usage.flush()
      if let time = try await closing() { quiet.append(time) }
    }
    var busy: [Double] = []
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<10 {
        group.addTask {
          let sink = try PostgresUsageSink(AnalyticsDatabase(url: database.url))
          let usage = UsageTracker(sink: sink)
          while !Task.isCancelled {
            for _ in 0..<500 { usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1) }
            // Cancelling interrupts the last flush.
            try? await usage.flush()
          }
        }
      }
      for _ in 0..<9 { if let time = try await closing() { busy.append(time) } }
      group.cancelAll()
      try await group.waitForAll()
    }
    print("## usage: milliseconds to close a period\n")
    row("with", "median", "longest")
    row("---", "---:", "---:")
    row("100,000 members, no replica flushes", quiet.median.twoDigits, quiet.max()?.twoDigits ?? "")
    row(
      "ten replicas that flush 1,000 members without a pause", busy.median.twoDigits,
      busy.max()?.twoDigits ?? "")
    print("")
  }
}

/// A sink that accepts everything and stores nothing.
private struct NoUsageSink: UsageSink {
  func write(_ delta: UsageDelta) async throws(EventSinkError) {}
}
