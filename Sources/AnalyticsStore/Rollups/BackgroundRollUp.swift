internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import Logging
internal import Synchronization

/// Rolls up events in the background while a sink stores them. The first batch after a quiet period
/// is rolled up at once. While more batches come, rolling up continues once a second, or as soon as
/// enough events for a full step are stored.
///
/// Any number of processes may roll up; one at a time does the work. The others try again a second
/// later, since that process may have read the pending events before they stored theirs. A failure
/// is logged once until a step succeeds. A failed step is tried again after growing delays, in the
/// end once a minute. Meanwhile the events stay pending: every report includes them, and `doctor`,
/// the metrics and the Pipeline page show how many there are.
///
/// Storing an event costs less than rolling it up, and a report takes longer the more events are
/// pending. So a writer that stores much waits while many events are pending: see
/// ``waitWhileManyArePending()``.
final class BackgroundRollUp: Sendable {
  /// The number of pending events from which on writers wait: a full step, and a batch that is
  /// ready for the next one.
  static let pendingMax = RollUp.eventsMax + 10_000
  /// A writer that has stored fewer events since its last wait does not wait: the pending events
  /// are mostly those of other writers.
  static let minimumStoredBeforeWait = 10_000
  /// The longest that a writer waits. Storing must not depend on rolling up.
  static let writerWaitMax = Duration.seconds(10)

  private struct State {
    var isRunning = false
    /// Events stored here since the last step began.
    var events = 0
    /// The approximate number of pending events: the last count, which covers all processes, plus
    /// the events stored here since.
    var pending = 0
    /// Events stored here since a writer last waited.
    var stored = 0
    /// Whether the last run was incomplete, because it failed or another process was rolling up.
    var lastRunWasIncomplete = false
    /// The pause before the next run. It ends early when many events are stored.
    var pause: Task<Void, Never>?
    /// The wait of writers. It ends early once few events are pending.
    var writerWait: Task<Void, Never>?
    var writerWaits = 0
    /// Whether a wait reached its limit, and many events have been pending ever since.
    var hasGivenUp = false
    /// The number of consecutive failed steps.
    var failures = 0
    var pace = RollUp.Pace()

    var hasMore: Bool { events > 0 || lastRunWasIncomplete || writerWait != nil }

    var shouldWriterWait: Bool {
      pending >= BackgroundRollUp.pendingMax && stored >= BackgroundRollUp.minimumStoredBeforeWait
        && !hasGivenUp && failures == 0
    }

    /// Ends the pause if enough events for a full step are stored and the last step did not fail.
    func endPauseIfFullStepWaits() {
      if events >= RollUp.eventsMax, failures == 0 { pause?.cancel() }
    }

    mutating func note(pending events: Int) {
      pending = events
      guard events < BackgroundRollUp.pendingMax else { return }
      hasGivenUp = false
      endWriterWait()
    }

    mutating func endWriterWait() {
      guard let writerWait else { return }
      writerWait.cancel()
      self.writerWait = nil
      stored = 0
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
      state.endWriterWait()
    }
  }

  /// Reports that events were stored. Returns at once.
  func wake(for events: Int) {
    change { state in
      state.events += events
      state.pending += events
      state.stored += events
    }
  }

  /// Waits while many events are pending, provided that this process has stored a fair number of
  /// them and that rolling up works.
  ///
  /// The wait takes ten seconds at most, and ends when the task is cancelled. If ten seconds are
  /// not enough, there is another cause (a statement that stored millions of events, or an erasure
  /// that takes an hour), and no writer waits again until few events are pending.
  func waitWhileManyArePending() async {
    let writerWait = change { state -> Task<Void, Never>? in
      guard state.shouldWriterWait else { return nil }
      if let writerWait = state.writerWait { return writerWait }
      state.writerWaits += 1
      state.writerWait = startWriterWait(number: state.writerWaits)
      // Writers are waiting, so the next run starts sooner.
      state.pause?.cancel()
      return state.writerWait
    }
    await withTaskCancellationHandler {
      await writerWait?.value
    } onCancel: {
      state.withLock { $0.endWriterWait() }
    }
  }

  private func startWriterWait(number: Int) -> Task<Void, Never> {
    Task { [weak self, clock] in
      guard (try? await clock.sleep(for: Self.writerWaitMax)) != nil else { return }
      self?.state.withLock { state in
        guard state.writerWaits == number, state.writerWait != nil else { return }
        state.hasGivenUp = true
        state.endWriterWait()
      }
    }
  }

  /// Changes the state, and starts the background task if there is work and it is not running.
  private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    let (result, begins) = state.withLock { state in
      let result = body(&state)
      state.endPauseIfFullStepWaits()
      let begins = !state.isRunning && state.hasMore
      state.isRunning = state.isRunning || begins
      return (result, begins)
    }
    if begins { begin() }
    return result
  }

  private func begin() {
    // The reference is weak, so the pause does not keep the sink and its connections alive.
    Task { [weak self] in
      repeat {
        guard let pause = await self?.rollUpPending() else { return }
        await pause.value
      } while self?.continueIfNeeded() == true
    }
  }

  /// Ends the pause.
  ///
  /// - Returns: Whether there is more to do.
  private func continueIfNeeded() -> Bool {
    state.withLock { state in
      state.pause = nil
      state.isRunning = state.hasMore
      return state.isRunning
    }
  }

  /// Rolls up the pending events.
  ///
  /// - Returns: The pause before the next run.
  private func rollUpPending() async -> Task<Void, Never> {
    var isDone: Bool? = false
    while isDone == false { isDone = await step() }
    return state.withLock { state in
      state.lastRunWasIncomplete = isDone == nil
      // This tries the lock again instead of queueing for it: a waiting statement would occupy a
      // connection and make maintenance and erasure wait for their turn.
      let duration: Duration =
        state.writerWait == nil ? .seconds(min(1 << min(state.failures, 6), 60)) : .milliseconds(50)
      let pause = Task { [clock] in _ = try? await clock.sleep(for: duration) }
      state.pause = pause
      state.endPauseIfFullStepWaits()
      return pause
    }
  }

  /// Runs one step.
  ///
  /// - Returns: True if the step merged all the events it saw and few are pending; false if there
  ///   is more to do; `nil` if another process is rolling up, or if the step failed.
  private func step() async -> Bool? {
    var pace = state.withLock { state in
      state.events = 0
      return state.pace
    }
    defer { state.withLock { [pace] in $0.pace = pace } }
    do {
      let (step, pending) = try await database.pool(.rollingUp).withConnection { connection in
        let schema = try await database.schema(on: connection)
        let step = try await pace.step { limit in
          try await connection.transaction(isolation: .readCommitted) { _ in
            try await RollUp.step(on: connection, in: schema, limit: limit, waits: false)
          }
        }
        // A failure of this count does not matter: the events are merged.
        return (step, try? await RollUp.countPending(on: connection, in: schema))
      }
      return state.withLock { state in
        state.failures = 0
        if let pending { state.note(pending: pending) }
        guard let step else { return false }
        let isFarBehind = state.pending >= Self.pendingMax && step.events > 0
        return step.isDone.map { $0 && !isFarBehind }
      }
    } catch let error as PostgresError where error.code == .poolClosed {
      // The database was shut down together with its service.
      state.withLock { $0.endWriterWait() }
      return true
    } catch {
      log(error)
      return nil
    }
  }

  private func log(_ error: any Error) {
    let isNew = state.withLock { state in
      defer { state.failures += 1 }
      state.endWriterWait()
      return state.failures == 0
    }
    guard isNew else { return }
    logger.warning(
      "rolling up failed: reports include the events that are left, but take longer",
      metadata: ["analytics.reason": "\(StoreError(error, doing: "rolling up").description)"])
  }
}
