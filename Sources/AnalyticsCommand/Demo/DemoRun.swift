import Analytics
import AnalyticsConnections
import AnalyticsStore
import AnalyticsText
import Logging
import ServiceLifecycle
import UnixSignals

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Runs a simulation until it is stopped, and stores its events the way a service stores its own.
struct DemoRun {
  let database: AnalyticsDatabase
  let seed: UInt64
  /// Events per second from now on.
  let rate: Double
  /// The number of past days to simulate as well, unless one of them has simulated events.
  let historyDays: Int
  /// The duration of the simulation; `nil` until the process is told to stop.
  let seconds: Double?

  /// - Returns: The accounting of all events, after the simulation has ended.
  func run() async throws -> EventAccounting {
    try await database.requireMigrated()
    let now = EventTimestamp.now
    var start = now
    start.microsecondsSinceUnixEpoch -= Int64(historyDays) * CivilDate.microsecondsPerDay
    let hasHistory =
      historyDays > 0
      ? try await database.hasEvents(in: DemoPlatform.environment, since: start) : false
    if hasHistory {
      StandardOutput.print("the last \(historyDays) days have simulated events already")
    }
    let stream = DemoStream(
      seed: seed, from: hasHistory ? now : start, pace: .init(rate: rate, now: now))

    let logger = TerminalLog.logger()
    let client = try AnalyticsClient(configuration(), sink: PostgresEventSink(database))
    let feed = DemoFeed(
      client: client, seed: seed, rate: rate, stream: stream, start: now,
      end: seconds.map { now.adding(seconds: $0) })
    // Services shut down in reverse order: the worker stores what the feed has tracked.
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [
          .init(service: AnalyticsWorker(client, logger: logger)),
          .init(service: feed, successTerminationBehavior: .gracefullyShutdownGroup),
        ],
        gracefulShutdownSignals: [.sigint, .sigterm], logger: logger))
    try await group.run()
    return client.accounting
  }

  private func configuration() -> AnalyticsConfiguration {
    // Simulated events need not survive the process.
    var configuration = AnalyticsConfiguration(
      service: "platform", environment: DemoPlatform.environment, buffer: .memory())
    // People who watch the simulation want to see its events at once.
    configuration.flushInterval = .seconds(1)
    return configuration
  }
}

/// Tracks each event of a stream at its time, and events of the past at once.
struct DemoFeed: Service {
  let client: AnalyticsClient
  let seed: UInt64
  let rate: Double
  let stream: DemoStream
  /// Events before this time are history.
  let start: EventTimestamp
  let end: EventTimestamp?

  /// After a longer pause, for example if the machine slept, the simulation continues with the
  /// current time instead of sending all events of the pause.
  private static let lagMax: Int64 = 60_000_000

  func run() async throws {
    await cancelWhenGracefulShutdown {
      // When it is cancelled, the worker stores what was tracked.
      try? await feed()
    }
  }

  private func feed() async throws {
    var stream = stream
    var origins: [String: EventOrigin] = [:]
    while true {
      let event = stream.next()
      let due = min(event.timestamp, end ?? event.timestamp)
      let now = EventTimestamp.now
      let ahead = due.microsecondsSinceUnixEpoch - now.microsecondsSinceUnixEpoch
      if ahead > 0 { try await Task.sleep(for: .microseconds(ahead)) }
      try Task.checkCancellation()
      if let end, event.timestamp >= end { return }
      if event.timestamp >= start, ahead < -Self.lagMax {
        stream = DemoStream(seed: seed, from: now, pace: .init(rate: rate, now: now))
        continue
      }
      let origin =
        origins[event.service]
        ?? client.origin(
          service: event.service, hostname: "\(event.service)-1",
          environment: DemoPlatform.environment)
      guard let origin else { return }
      origins[event.service] = origin
      _ = try await client.record(
        event.event, at: event.timestamp, id: UUID(timeOrderedAt: event.timestamp), from: origin)
    }
  }
}

extension EventTimestamp {
  /// The current time by the wall clock.
  static var now: EventTimestamp {
    EventTimestamp(microsecondsSinceUnixEpoch: Date().microsecondsSinceUnixEpoch)
  }

  fileprivate func adding(seconds: Double) -> EventTimestamp {
    EventTimestamp(
      microsecondsSinceUnixEpoch: microsecondsSinceUnixEpoch + Int64(seconds * 1_000_000))
  }
}
