internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import Logging
internal import Synchronization

/// Rolls up beside a sink, as long as events come: at once after a batch that nobody expected, then once a
/// second, or as soon as a step's worth of events waits.
///
/// Any number of processes roll up. One at a time works; the others look again a second later, for it may have
/// looked before they stored. A failure is logged once, until a step succeeds, and tried again, in the end once a
/// minute: what is pending stays pending, every report has it, and `doctor`, the metrics and the Pipeline page say
/// how much it is.
///
/// To store an event takes less than to roll it up, and a report takes longer the more events are pending. So who
/// stores much waits while many are pending: see ``untilFewArePending()``.
final class BackgroundRollUp: Sendable {
  /// From so many on, who would store more waits: a step's worth, and a batch that is ready for the next step.
  static let pendingMax = RollUp.eventsMax + 10_000
  /// Who has stored fewer since it waited last does not wait: others have stored what is pending.
  static let storedMin = 10_000
  /// The longest that anybody waits: storing does not depend on rolling up.
  static let patience = Duration.seconds(10)

  private struct State {
    var isRunning = false
    /// Stored since the last step began.
    var events = 0
    /// How many events are pending, about: the last count, which has those of all processes, and what this one
    /// stored since.
    var pending = 0
    /// Stored here since somebody waited last.
    var stored = 0
    /// Whether the last look has not come to an end.
    var isOwed = false
    /// The wait for more; ended early where much comes.
    var pause: Task<Void, Never>?
    /// The wait of those who would store more; ended early once few are pending.
    var hold: Task<Void, Never>?
    var holds = 0
    /// Whether a wait came to its end in vain, and many have been pending ever since.
    var hasGivenUp = false
    /// Looks that failed in a row.
    var failures = 0
    var pace = RollUp.Pace()

    var hasMore: Bool { events > 0 || isOwed || hold != nil }

    var shouldHold: Bool {
      pending >= BackgroundRollUp.pendingMax && stored >= BackgroundRollUp.storedMin
        && !hasGivenUp && failures == 0
    }

    /// Where a step's worth of events waits, and the last look has not failed.
    func endPauseIfMuchWaits() {
      if events >= RollUp.eventsMax, failures == 0 { pause?.cancel() }
    }

    mutating func note(pending events: Int) {
      pending = events
      guard events < BackgroundRollUp.pendingMax else { return }
      hasGivenUp = false
      endHold()
    }

    mutating func endHold() {
      guard let hold else { return }
      hold.cancel()
      self.hold = nil
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
      state.endHold()
    }
  }

  /// Says that events were stored. Returns at once.
  func wake(for events: Int) {
    change { state in
      state.events += events
      state.pending += events
      state.stored += events
    }
  }

  /// Waits while many events are pending, of which this process has stored some, and rolling up does not fail.
  ///
  /// It waits for ten seconds at most, or until the task is cancelled. If ten seconds were too short, something else
  /// is the matter (a statement that stored millions, an hour's erasure), and nobody waits again before few are
  /// pending.
  func untilFewArePending() async {
    let hold = change { state -> Task<Void, Never>? in
      guard state.shouldHold else { return nil }
      if let hold = state.hold { return hold }
      state.holds += 1
      state.hold = patience(for: state.holds)
      // The next look is due sooner where somebody waits.
      state.pause?.cancel()
      return state.hold
    }
    await withTaskCancellationHandler {
      await hold?.value
    } onCancel: {
      state.withLock { $0.endHold() }
    }
  }

  private func patience(for number: Int) -> Task<Void, Never> {
    Task { [weak self, clock] in
      guard (try? await clock.sleep(for: Self.patience)) != nil else { return }
      self?.state.withLock { state in
        guard state.holds == number, state.hold != nil else { return }
        state.hasGivenUp = true
        state.endHold()
      }
    }
  }

  /// Changes what there is to do, and begins to do it.
  private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
    let (result, begins) = state.withLock { state in
      let result = body(&state)
      state.endPauseIfMuchWaits()
      let begins = !state.isRunning && state.hasMore
      state.isRunning = state.isRunning || begins
      return (result, begins)
    }
    if begins { begin() }
    return result
  }

  private func begin() {
    // While it pauses, nothing keeps the sink and its connections.
    Task { [weak self] in
      repeat {
        guard let pause = await self?.look() else { return }
        await pause.value
      } while self?.goesOn() == true
    }
  }

  /// - Returns: Whether there is more to do.
  private func goesOn() -> Bool {
    state.withLock { state in
      state.pause = nil
      state.isRunning = state.hasMore
      return state.isRunning
    }
  }

  /// Rolls up what is pending.
  ///
  /// - Returns: What to wait for before the next look.
  private func look() async -> Task<Void, Never> {
    var isDone: Bool? = false
    while isDone == false { isDone = await step() }
    return state.withLock { state in
      state.isOwed = isDone == nil
      // Nobody queues for the lock in the server: who waits there keeps a connection, and others from their turn.
      let duration: Duration =
        state.hold == nil ? .seconds(min(1 << min(state.failures, 6), 60)) : .milliseconds(50)
      let pause = Task { [clock] in _ = try? await clock.sleep(for: duration) }
      state.pause = pause
      state.endPauseIfMuchWaits()
      return pause
    }
  }

  /// - Returns: True when nothing is left of what the step saw, and few events are pending; false when there is more;
  ///   `nil` if another process is rolling up, or the step failed.
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
        // What was merged is merged, whatever becomes of this.
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
      // The database was shut down with its service.
      state.withLock { $0.endHold() }
      return true
    } catch {
      log(error)
      return nil
    }
  }

  private func log(_ error: any Error) {
    let isNew = state.withLock { state in
      defer { state.failures += 1 }
      state.endHold()
      return state.failures == 0
    }
    guard isNew else { return }
    logger.warning(
      "events stay pending: reports have them, and take longer",
      metadata: ["analytics.reason": "\(StoreError(error, doing: "rolling up").description)"])
  }
}
