import Dispatch
import Logging
import Synchronization

/// Does what is slow and not urgent beside the drain: prepares segments, syncs them, looks for what
/// dead processes left, reports metrics.
///
/// File system calls run on queues of their own, one for what `track` may soon need and one for
/// what can take seconds on a busy disk; never on the threads of Swift's concurrency.
struct Keeper: Sendable {
  let core: ClientCore
  private var configuration: AnalyticsConfiguration { core.configuration }
  private let upkeepQueue = DispatchQueue(label: "analytics.upkeep")
  private let syncQueue = DispatchQueue(label: "analytics.sync")
  private let log: KeeperLog
  private let rejections: RejectionLog

  init(core: ClientCore, logger: Logger) {
    self.core = core
    log = KeeperLog(logger)
    rejections = RejectionLog(
      logger, clock: core.configuration.clock, earliest: core.configuration.acceptsFrom)
  }

  /// Takes over what dead processes left, before anything else is stored.
  func start() async {
    await identify()
    await adopt()
  }

  func run() async {
    await withTaskGroup { group in
      group.addTask {
        while !Task.isCancelled {
          await core.buffer.pool.upkeepNeeded.wait()
          let isDone = await attempt(.prepare, on: upkeepQueue) { buffer throws(SystemError) in
            try buffer.upkeep()
          }
          if !isDone {
            try? await configuration.clock.sleep(for: .milliseconds(100))
            core.buffer.pool.upkeepNeeded.set()
          }
        }
      }
      if configuration.buffer.folder != nil {
        group.addTask {
          await every(configuration.buffer.syncInterval ?? .seconds(1)) { await sync() }
        }
        group.addTask {
          await every(configuration.recoveryInterval) { core.buffer.adoptionNeeded.set() }
        }
        group.addTask {
          while !Task.isCancelled {
            await core.buffer.adoptionNeeded.wait()
            if Task.isCancelled { return }
            await identify()
            await adopt()
          }
        }
      }
      group.addTask { await every(configuration.flushInterval) { publish() } }
    }
  }

  /// Leaves everything synced, counted and, where nothing is pending, removed.
  func finish() async {
    await sync()
    await attempt(.remove, on: upkeepQueue) { $0.removeWhatIsDrained() }
    publish(isLast: true)
  }

  private func every(_ interval: Duration, _ body: () async -> Void) async {
    while (try? await core.configuration.clock.sleep(for: interval)) != nil { await body() }
  }

  private func sync() async {
    await attempt(.sync, on: syncQueue) { buffer throws(SystemError) in
      buffer.pool.lookAtOthers()
      try buffer.syncAndUnmap()
    }
    log.lost(core.buffer.takeLosses())
  }

  /// Asks the sink which installation it leads to, until it has said so: only then is it known for which
  /// of the waiting events.
  private func identify() async {
    guard configuration.buffer.folder != nil, !core.buffer.search.isIdentified else { return }
    do throws(EventSinkError) {
      let installation = try await core.sink.installation()
      core.buffer.note(clock: core.sink.clock)
      await attempt(.search, on: upkeepQueue) { $0.identify(installation) }
    } catch {
      // The drain meets the same trouble and tells of it.
    }
  }

  private func adopt() async {
    await attempt(.search, on: upkeepQueue) { [log] buffer throws(SystemError) in
      log.found(try buffer.adopt())
    }
    log.lost(core.buffer.takeLosses())
    core.buffer.batchReady.set()
  }

  private func publish(isLast: Bool = false) {
    let accounting = core.buffer.accounting
    core.metrics.publish(
      accounting, spoolBytes: core.buffer.pool.segmentCount * core.buffer.pool.segmentBytes)
    log.dropped(accounting.dropped)
    rejections.report(accounting.rejected, isLast: isLast)
  }

  /// - Returns: whether it was done.
  @discardableResult
  private func attempt(
    _ chore: KeeperLog.Chore, on queue: DispatchQueue,
    _ body: @escaping @Sendable (EventBuffer) throws(SystemError) -> Void
  ) async -> Bool {
    let loan = Loan(core.buffer)
    let error = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: loan.use(body)) }
    }
    log.attempted(chore, error)
    return error == nil
  }
}

/// Lends the buffer to a queue for one use.
///
/// The queue lets go of its closure some time after the closure has run. If that held the buffer, a
/// client whose last reference goes meanwhile would be cleaned up on the queue, at any time later.
private final class Loan: Sendable {
  private let buffer: Mutex<EventBuffer?>

  init(_ buffer: EventBuffer) { self.buffer = Mutex(buffer) }

  func use(_ body: (EventBuffer) throws(SystemError) -> Void) -> SystemError? {
    guard let buffer = buffer.withLock({ $0.take() }) else { return nil }
    do throws(SystemError) {
      try body(buffer)
      return nil
    } catch {
      return error
    }
  }
}
