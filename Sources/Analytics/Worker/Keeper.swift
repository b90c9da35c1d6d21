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
  let logger: Logger
  private let upkeepQueue = DispatchQueue(label: "analytics.upkeep")
  private let syncQueue = DispatchQueue(label: "analytics.sync")

  init(core: ClientCore, logger: Logger) {
    self.core = core
    self.logger = logger
  }

  /// Takes over what dead processes left, before anything else is stored.
  func start() async { await adopt() }

  func run() async {
    let configuration = core.configuration
    await withTaskGroup { group in
      group.addTask {
        while !Task.isCancelled {
          await core.buffer.pool.upkeepNeeded.wait()
          await attempt("segments cannot be prepared", on: upkeepQueue) {
            buffer throws(SystemError) in
            try buffer.upkeep()
          }
        }
      }
      if configuration.buffer.folder != nil {
        group.addTask {
          await every(configuration.buffer.syncInterval ?? .seconds(1)) { await sync() }
        }
        group.addTask { await every(configuration.recoveryInterval) { await adopt() } }
      }
      group.addTask { await every(configuration.flushInterval) { publish() } }
    }
  }

  /// Leaves everything synced, counted and, where nothing is pending, removed.
  func finish() async {
    await sync()
    await attempt("segments cannot be removed", on: upkeepQueue) { $0.removeWhatIsDrained() }
    publish()
  }

  private func every(_ interval: Duration, _ body: () async -> Void) async {
    while (try? await core.configuration.clock.sleep(for: interval)) != nil { await body() }
  }

  private func sync() async {
    await attempt("segments cannot be synced", on: syncQueue) { buffer throws(SystemError) in
      try buffer.syncAndUnmap()
    }
  }

  private func adopt() async {
    await attempt("the spool cannot be searched", on: upkeepQueue) {
      [logger] buffer throws(SystemError) in
      let (found, problems) = try buffer.adopt()
      for problem in problems {
        logger.warning(
          "a folder of the spool cannot be read and is left alone",
          metadata: ["analytics.reason": "\(problem)"])
      }
      for folder in found {
        for problem in folder.problems {
          logger.warning(
            "a segment cannot be read and is left alone",
            metadata: ["analytics.reason": "\(problem)"])
        }
        guard folder.recovered > 0 else { continue }
        logger.info(
          "events of an ended process are taken over",
          metadata: ["analytics.events": "\(folder.recovered)"])
      }
    }
    core.buffer.batchReady.set()
  }

  private func publish() {
    core.metrics.publish(
      core.buffer.accounting,
      spoolBytes: core.buffer.pool.segmentCount * core.buffer.pool.segmentBytes)
  }

  private func attempt(
    _ failure: String, on queue: DispatchQueue,
    _ body: @escaping @Sendable (EventBuffer) throws(SystemError) -> Void
  ) async {
    let loan = Loan(core.buffer)
    let error = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: loan.use(body)) }
    }
    if let error {
      logger.warning("\(failure)", metadata: ["analytics.reason": "\(error)"])
    }
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
