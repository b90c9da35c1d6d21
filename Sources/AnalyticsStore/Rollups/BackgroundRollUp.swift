internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import Logging
internal import Synchronization

/// Rolls up beside a sink, as long as events come: at once after a batch that nobody expected, then once a
/// second, or as soon as a step's worth of events waits.
///
/// Any number of processes do so; one at a time works, and the others leave it at that. A failure is logged once,
/// until a step succeeds: what is pending stays pending, every report has it, and `doctor`, the metrics and
/// the Pipeline page say how much it is.
final class BackgroundRollUp: Sendable {
  private struct State {
    var isRunning = false
    /// Stored since the last step began.
    var events = 0
    /// The wait for more; ended early where much comes.
    var pause: Task<Void, Never>?
    var hasFailed = false
  }

  private let database: AnalyticsDatabase
  private let clock: any Clock<Duration>
  private let logger = Logger(label: "analytics.rollups")
  private let state = Mutex(State())

  private static let interval: Duration = .seconds(1)

  init(_ database: AnalyticsDatabase, clock: any Clock<Duration> = .continuous) {
    self.database = database
    self.clock = clock
  }

  /// Says that events were stored. Returns at once.
  func wake(for events: Int) {
    let begins = state.withLock { state in
      state.events += events
      if state.events >= RollUp.eventsMax { state.pause?.cancel() }
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if begins { Task { await run() } }
  }

  /// Until a pause has passed in which nothing was stored.
  private func run() async {
    repeat { await rollUp() } while await pause()
  }

  private func rollUp() async {
    var isDone: Bool? = false
    while isDone == false {
      state.withLock { $0.events = 0 }
      do {
        isDone = try await database.pool(.rollingUp).withConnection { connection in
          let schema = try await database.schema(on: connection)
          return try await connection.transaction(isolation: .readCommitted) { _ in
            try await RollUp.step(on: connection, in: schema, waits: false).isDone
          }
        }
        state.withLock { $0.hasFailed = false }
      } catch {
        isDone = nil
        log(error)
      }
    }
  }

  private func log(_ error: any Error) {
    // The database was shut down with its service.
    if (error as? PostgresError)?.code == .poolClosed { return }
    let isNew = state.withLock { state in
      defer { state.hasFailed = true }
      return !state.hasFailed
    }
    guard isNew else { return }
    logger.warning(
      "events stay pending: reports have them, and take longer",
      metadata: ["analytics.reason": "\(StoreError(error, doing: "rolling up").description)"])
  }

  /// - Returns: Whether there is more to do.
  private func pause() async -> Bool {
    let clock = clock
    let pause = Task { _ = try? await clock.sleep(for: Self.interval) }
    state.withLock { state in
      if state.events >= RollUp.eventsMax { pause.cancel() }
      state.pause = pause
    }
    await pause.value
    return state.withLock { state in
      state.pause = nil
      state.isRunning = state.events > 0
      return state.isRunning
    }
  }
}
