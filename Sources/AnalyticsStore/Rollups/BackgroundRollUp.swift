internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import Logging
internal import Synchronization

/// Rolls up beside a sink, as long as events come: at once after a batch that nobody expected, then once a
/// second, or as soon as a step's worth of events waits.
///
/// Any number of processes do so. One at a time works; the others look again a second later, for it may have
/// looked before they stored. A failure is logged once, until a step succeeds, and tried again, in the end once a
/// minute: what is pending stays pending, every report has it, and `doctor`, the metrics and the Pipeline page
/// say how much it is.
final class BackgroundRollUp: Sendable {
  private struct State {
    var isRunning = false
    /// Stored since the last step began.
    var events = 0
    /// Whether the last look has not come to an end.
    var isOwed = false
    /// The wait for more; ended early where much comes.
    var pause: Task<Void, Never>?
    /// Looks that failed in a row.
    var failures = 0
    var pace = RollUp.Pace()

    /// Where a step's worth of events waits, and the last look has not failed.
    func endPauseIfMuchWaits() {
      if events >= RollUp.eventsMax, failures == 0 { pause?.cancel() }
    }
  }

  private let database: AnalyticsDatabase
  private let clock: any Clock<Duration>
  private let logger = Logger(label: "analytics.rollups")
  private let state = Mutex(State())

  init(_ database: AnalyticsDatabase, clock: any Clock<Duration> = .continuous) {
    self.database = database
    self.clock = clock
  }

  deinit { state.withLock { $0.pause?.cancel() } }

  /// Says that events were stored. Returns at once.
  func wake(for events: Int) {
    let begins = state.withLock { state in
      state.events += events
      state.endPauseIfMuchWaits()
      defer { state.isRunning = true }
      return !state.isRunning
    }
    guard begins else { return }
    // While it waits, nothing keeps the sink and its connections.
    Task { [weak self] in
      repeat {
        guard let pause = await self?.look() else { return }
        await pause.value
      } while self?.goesOn() == true
    }
  }

  /// Rolls up what is pending.
  ///
  /// - Returns: What to wait for before the next look.
  private func look() async -> Task<Void, Never> {
    var isDone: Bool? = false
    while isDone == false { isDone = await step() }
    let clock = clock
    return state.withLock { state in
      state.isOwed = isDone == nil
      let seconds = min(1 << min(state.failures, 6), 60)
      let pause = Task { _ = try? await clock.sleep(for: .seconds(seconds)) }
      state.pause = pause
      state.endPauseIfMuchWaits()
      return pause
    }
  }

  /// - Returns: True when nothing is left of what the step saw, false when something is; `nil` if another
  ///   process is rolling up, or the step failed.
  private func step() async -> Bool? {
    var pace = state.withLock { state in
      state.events = 0
      return state.pace
    }
    defer { state.withLock { [pace] in $0.pace = pace } }
    do {
      let step = try await database.pool(.rollingUp).withConnection { connection in
        let schema = try await database.schema(on: connection)
        return try await pace.step { limit in
          try await connection.transaction(isolation: .readCommitted) { _ in
            try await RollUp.step(on: connection, in: schema, limit: limit, waits: false)
          }
        }
      }
      state.withLock { $0.failures = 0 }
      return step.map(\.isDone) ?? false
    } catch let error as PostgresError where error.code == .poolClosed {
      // The database was shut down with its service.
      return true
    } catch {
      log(error)
      return nil
    }
  }

  private func log(_ error: any Error) {
    let isNew = state.withLock { state in
      defer { state.failures += 1 }
      return state.failures == 0
    }
    guard isNew else { return }
    logger.warning(
      "events stay pending: reports have them, and take longer",
      metadata: ["analytics.reason": "\(StoreError(error, doing: "rolling up").description)"])
  }

  /// - Returns: Whether there is more to do.
  private func goesOn() -> Bool {
    state.withLock { state in
      state.pause = nil
      state.isRunning = state.events > 0 || state.isOwed
      return state.isRunning
    }
  }
}
