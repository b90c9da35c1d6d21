public import Logging
public import ServiceLifecycle
import Synchronization

/// A `Service` that stores the events of a client.
///
/// ```swift
/// let group = ServiceGroup(services: [worker, server], gracefulShutdownSignals: [.sigterm], logger: logger)
/// ```
///
/// - The worker wakes after every ``AnalyticsConfiguration/batchSize`` events of a stripe, at least
///   every ``AnalyticsConfiguration/flushInterval``, on `flush()` and on shutdown. The worker then
///   stores all events that are ready.
/// - If storing fails for a reason that may pass, the worker retries without limit, with random
///   pauses that double up to 30 s. If the database refuses a batch because of its data, the worker
///   halves the batch until the event at fault is alone. That event becomes a dead letter and
///   counts as rejected; the others are stored.
/// - The worker stores the events that dead processes left in the same spool for the same
///   destination. Locks, which the living hold, ensure that no two workers use the same segment.
/// - On graceful shutdown the worker stores the waiting events within
///   ``AnalyticsConfiguration/shutdownGrace``. Except in memory mode, the rest stays for the next
///   process.
public struct AnalyticsWorker: Service {
  private let core: ClientCore?
  private let logger: Logger

  /// Creates the worker of a client. Run exactly one worker for each client.
  public init(_ client: AnalyticsClient, logger: Logger = Logger(label: "analytics")) {
    core = client.ownCore
    self.logger = logger
  }

  /// Stores events until graceful shutdown or cancellation.
  ///
  /// - Throws: ``AnalyticsError`` if another worker of the same client is running, or if this
  ///   process was forked from the one that created the client. No failure of the database or the
  ///   disk ends the worker.
  public func run() async throws {
    guard let core else {
      try? await gracefulShutdown()
      return
    }
    guard core.buffer.isInOwnProcess else {
      throw AnalyticsError(
        .invalidConfiguration,
        "the client was created before this process was forked; "
          + "create a client and a sink in the child")
    }
    let isAlone = core.worker.withLock { worker in
      defer { worker = .running }
      return worker != .running
    }
    guard isAlone else {
      throw AnalyticsError(
        .invalidConfiguration,
        "another worker of this client is already running; run one per client")
    }
    defer {
      core.worker.withLock { $0 = .ended }
      core.buffer.progress.notify()
    }
    let shutdown = Latch()
    await withGracefulShutdownHandler {
      await work(core, shutdown: shutdown)
    } onGracefulShutdown: {
      shutdown.open()
      core.flushRequested.notify()
      core.buffer.batchReady.set()
    }
  }

  private func work(_ core: ClientCore, shutdown: Latch) async {
    let drain = Drain(core: core, shutdown: shutdown, logger: logger)
    let maintenance = SpoolMaintenance(core: core, logger: logger)
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        await maintenance.start()
        await drain.run()
        return true
      }
      group.addTask {
        await maintenance.run()
        return false
      }
      group.addTask {
        [clock = core.configuration.clock, interval = core.configuration.flushInterval] in
        while (try? await clock.sleep(for: interval)) != nil { core.buffer.batchReady.set() }
        return false
      }
      group.addTask {
        [clock = core.configuration.clock, grace = core.configuration.shutdownGrace] in
        await shutdown.wait()
        try? await clock.sleep(for: grace)
        return true
      }
      for await isOver in group where isOver { break }
      group.cancelAll()
    }
    let lost = core.buffer.discardMemory()
    if lost > 0 {
      logger.warning(
        "events in memory were not stored before the worker ended, and are lost",
        metadata: ["analytics.events": "\(lost)"])
    }
    await maintenance.finish()
  }
}
