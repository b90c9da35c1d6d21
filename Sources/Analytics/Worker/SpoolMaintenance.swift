import Dispatch
import Logging
import Synchronization

/// Does the slow background work of a worker: prepares segments, syncs them, searches for
/// directories of dead processes and reports metrics.
///
/// File system calls never run on the threads of Swift concurrency. They have two queues: one for
/// work that `track` may soon need, and one for syncs, which can take seconds on a busy disk.
struct SpoolMaintenance: Sendable {
  let core: ClientCore
  private var configuration: AnalyticsConfiguration { core.configuration }
  private let spoolQueue = DispatchQueue(label: "analytics.spool")
  private let syncQueue = DispatchQueue(label: "analytics.sync")
  private let log: SpoolMaintenanceLog
  private let rejections: RejectionLog

  init(core: ClientCore, logger: Logger) {
    self.core = core
    log = SpoolMaintenanceLog(logger)
    rejections = RejectionLog(
      logger, clock: core.configuration.clock, earliest: core.configuration.acceptsFrom)
  }

  /// Adopts directories of dead processes before anything else is stored.
  func start() async {
    await identify()
    await adopt()
  }

  func run() async {
    await withTaskGroup { group in
      group.addTask {
        while !Task.isCancelled {
          await core.buffer.pool.preparationNeeded.wait()
          let isDone = await attempt(.prepare, on: spoolQueue) { buffer throws(SystemError) in
            try buffer.prepareSegments()
          }
          if !isDone {
            try? await configuration.clock.sleep(for: .milliseconds(100))
            core.buffer.pool.preparationNeeded.set()
          }
        }
      }
      if configuration.buffer.directory != nil {
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

  /// Syncs all rows, removes segments without unsettled rows and publishes the last metrics.
  func finish() async {
    await sync()
    await attempt(.remove, on: spoolQueue) { $0.removeDrainedSegments() }
    publish(isLast: true)
  }

  private func every(_ interval: Duration, _ body: () async -> Void) async {
    while (try? await core.configuration.clock.sleep(for: interval)) != nil { await body() }
  }

  private func sync() async {
    await attempt(.sync, on: syncQueue) { buffer throws(SystemError) in
      buffer.pool.measureOtherProcesses()
      try buffer.syncAndUnmap()
    }
    log.lost(core.buffer.takeLosses())
  }

  /// Asks the sink for its installation, until it has answered once. Only then is it known which
  /// waiting events are for it.
  private func identify() async {
    guard configuration.buffer.directory != nil, !core.buffer.search.isIdentified else { return }
    do throws(EventSinkError) {
      let installation = try await core.sink.installation()
      core.buffer.note(clock: core.sink.clock)
      await attempt(.search, on: spoolQueue) { $0.identify(installation) }
    } catch {
      // The drain meets the same error and logs it.
    }
  }

  private func adopt() async {
    await attempt(.search, on: spoolQueue) { [log] buffer throws(SystemError) in
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

  /// Runs a chore on a queue and logs its failure or recovery.
  ///
  /// - Returns: Whether it succeeded.
  @discardableResult
  private func attempt(
    _ chore: SpoolMaintenanceLog.Chore, on queue: DispatchQueue,
    _ body: @escaping @Sendable (EventBuffer) throws(SystemError) -> Void
  ) async -> Bool {
    let singleUse = SingleUseBuffer(core.buffer)
    let error = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: singleUse.use(body)) }
    }
    log.attempted(chore, error)
    return error == nil
  }
}

/// Holds the buffer for one use on a queue.
///
/// The queue releases its closure some time after the closure has run. If the closure held the
/// buffer, the locks of the buffer's directories could outlast the client.
private final class SingleUseBuffer: Sendable {
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
