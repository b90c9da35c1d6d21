internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import Logging
internal import Synchronization

/// Rolls up beside a sink, as long as events come: at once after a batch that nobody expected, then once a
/// second, or as soon as a step's worth of events waits.
///
/// To store an event takes less than to roll it up, and a report takes longer the more events are pending. So who
/// would store more waits while a step and a batch are pending: ``untilFewArePending()``.
///
/// Any number of processes do so. One at a time works; the others look again a second later, for it may have
/// looked before they stored. A process in which somebody waits takes its turn instead. A failure is logged once,
/// until a step succeeds, and tried again, in the end once a minute: what is pending stays pending, every report has
/// it, and `doctor`, the metrics and the Pipeline page say how much it is. Nobody waits for it meanwhile.
final class BackgroundRollUp: Sendable {
  /// From so many on, who would store more waits: one step is worked at, and a batch is ready for the next.
  static let pendingMax = RollUp.eventsMax + 10_000
  /// The longest anybody waits: storing does not depend on rolling up.
  private static let patience = Duration.seconds(10)

  private struct State {
    var isRunning = false
    /// Stored since the last step began.
    var events = 0
    /// As of the last step, and what was stored since: about as many as are pending, whoever stored them.
    var pending = 0
    /// Whether the last look has not come to an end.
    var isOwed = false
    /// The wait for more; ended early where much comes.
    var pause: Task<Void, Never>?
    /// The wait of those who would store more; ended early once few are pending.
    var queue: Task<Void, Never>?
    /// Looks that failed in a row.
    var failures = 0
    var pace = RollUp.Pace()

    /// Where a step's worth of events waits, or somebody waits for a step, and the last look has not failed.
    func endPauseIfMuchWaits() {
      if events >= RollUp.eventsMax || queue != nil, failures == 0 { pause?.cancel() }
    }

    mutating func note(pending events: Int) {
      pending = events
      if events < BackgroundRollUp.pendingMax { endQueue() }
    }

    mutating func endQueue() {
      queue?.cancel()
      queue = nil
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

  deinit {
    state.withLock { state in
      state.pause?.cancel()
      state.endQueue()
    }
  }

  /// Says that events were stored. Returns at once.
  func wake(for events: Int) {
    goOn { state in
      state.events += events
      state.pending += events
    }
  }

  /// Waits while many events are pending and are being rolled up; at most ten seconds, or until the task is cancelled.
  func untilFewArePending() async {
    guard state.withLock({ $0.pending >= Self.pendingMax && $0.failures == 0 }) else { return }
    let queue = goOn { [clock] state in
      let queue =
        state.queue
        ?? Task { [weak self] in
          guard (try? await clock.sleep(for: Self.patience)) != nil else { return }
          // Something holds up rolling up. Nobody waits for it again before a step has ended.
          self?.state.withLock { $0.note(pending: 0) }
        }
      state.queue = queue
      return queue
    }
    await withTaskCancellationHandler {
      await queue.value
    } onCancel: {
      state.withLock { $0.endQueue() }
    }
  }

  /// Changes what there is to do, and sees to it that it is done.
  private func goOn<Result: Sendable>(_ change: (inout State) -> Result) -> Result {
    let (result, begins) = state.withLock { state in
      let result = change(&state)
      state.endPauseIfMuchWaits()
      defer { state.isRunning = true }
      return (result, !state.isRunning)
    }
    if begins { begin() }
    return result
  }

  private func begin() {
    // While it waits, nothing keeps the sink and its connections.
    Task { [weak self] in
      repeat {
        guard let pause = await self?.look() else { return }
        await pause.value
      } while self?.hasMore() == true
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
    var (pace, waits) = state.withLock { state in
      state.events = 0
      return (state.pace, state.queue != nil)
    }
    defer { state.withLock { [pace] in $0.pace = pace } }
    do {
      let (step, pending) = try await database.pool(.rollingUp).withConnection { connection in
        let schema = try await database.schema(on: connection)
        let step = try await pace.step { limit in
          try await connection.transaction(isolation: .readCommitted) { _ in
            try await RollUp.step(on: connection, in: schema, limit: limit, waits: waits)
          }
        }
        return (step, try await RollUp.pending(on: connection, in: schema))
      }
      state.withLock { state in
        state.failures = 0
        state.note(pending: pending)
      }
      return step.map(\.isDone) ?? false
    } catch let error as PostgresError where error.code == .poolClosed {
      // The database was shut down with its service.
      state.withLock { $0.note(pending: 0) }
      return true
    } catch {
      log(error)
      return nil
    }
  }

  private func log(_ error: any Error) {
    let isNew = state.withLock { state in
      defer { state.failures += 1 }
      state.endQueue()
      return state.failures == 0
    }
    guard isNew else { return }
    logger.warning(
      "events stay pending: reports have them, and take longer",
      metadata: ["analytics.reason": "\(StoreError(error, doing: "rolling up").description)"])
  }

  /// - Returns: Whether there is more to do.
  private func hasMore() -> Bool {
    state.withLock { state in
      state.pause = nil
      state.isRunning = state.events > 0 || state.isOwed || state.queue != nil
      return state.isRunning
    }
  }
}
