import Logging

/// Moves batches from the buffer to the sink until shutdown. One writer always runs. If the sink
/// allows concurrent writes, a helper joins it while more rows wait than fit into a batch.
struct Drain: Sendable {
  let core: ClientCore
  let shutdown: Latch
  let logger: Logger
  private let outage: Outage

  init(core: ClientCore, shutdown: Latch, logger: Logger) {
    (self.core, self.shutdown, self.logger) = (core, shutdown, logger)
    outage = Outage(logger)
  }

  func run() async {
    let backlog = WakeSignal()
    await withTaskGroup { group in
      if core.sink.concurrentWritesMax > 1 {
        group.addTask { await help(when: backlog) }
      }
      while !Task.isCancelled {
        core.buffer.note(clock: core.sink.clock)
        await drainAll(asking: backlog)
        if shutdown.isOpen { break }
        await core.buffer.batchReady.wait()
      }
      // The helper finishes its current batch.
      backlog.set()
      await group.waitForAll()
    }
  }

  private func help(when backlog: WakeSignal) async {
    while !Task.isCancelled {
      await backlog.wait()
      await drainAll(asking: backlog)
      if shutdown.isOpen { return }
      // The writer may have skipped a segment that the helper had leased.
      core.buffer.batchReady.set()
    }
  }

  private func drainAll(asking backlog: WakeSignal) async {
    var backoff = Backoff()
    defer { if backoff.failures > 0 { outage.ended() } }
    // Rows that may or may not be stored. They are written again unchanged and before all others,
    // because only then can the sink distinguish its own rows from duplicates.
    var unknownOutcome: EventBatch?
    /// Whether rows were stored that the sink may still have to process.
    var hasStored = false
    let (rowsMax, bytesMax) = (core.configuration.batchRowsMax, core.configuration.batchBytesMax)
    while !Task.isCancelled {
      if hasStored, unknownOutcome == nil { await letSinkCatchUp() }
      do {
        guard
          let batch = try unknownOutcome
            ?? core.buffer.nextBatch(rowsMax: rowsMax, bytesMax: bytesMax)
        else { return }
        if batch.rowCount >= rowsMax || batch.byteCount > bytesMax / 2 { backlog.set() }
        unknownOutcome = nil
        defer { core.buffer.release(batch, except: unknownOutcome) }
        try await store(batch, &unknownOutcome)
        core.buffer.note(clock: core.sink.clock)
        // If the installation was not available at the start, it is now.
        if !core.buffer.search.isIdentified { core.buffer.adoptionNeeded.set() }
        if backoff.failures > 0 { outage.ended() }
        backoff = Backoff()
        hasStored = true
      } catch {
        await pause("\(error)", &backoff)
      }
    }
    if let unknownOutcome { core.buffer.release(unknownOutcome) }
  }

  private func store(_ batch: EventBatch, _ unknownOutcome: inout EventBatch?)
    async throws(EventSinkError)
  {
    var delivery = Delivery(batch, core: core, logger: logger)
    do {
      try await delivery.run()
    } catch {
      unknownOutcome = delivery.rowsOfUnknownOutcome(after: error)
      throw error
    }
  }

  /// Waits while the sink is behind, unless events are urgent.
  private func letSinkCatchUp() async {
    let (flushRequested, roomIsShort) = (
      core.flushRequested.next(), core.buffer.pool.roomIsShort.next()
    )
    guard core.hasTime, !shutdown.isOpen else { return }
    let start = ContinuousClock.now
    await withTaskGroup(of: Void.self) { group in
      group.addTask { [core] in await core.sink.catchUp() }
      group.addTask { await flushRequested.wait() }
      group.addTask { await roomIsShort.wait() }
      await group.next()
      group.cancelAll()
    }
    core.metrics.waited(ContinuousClock.now - start)
  }

  /// Waits before the next attempt. A shutdown ends the current wait and shortens later ones.
  private func pause(_ reason: String, _ backoff: inout Backoff) async {
    if Task.isCancelled { return }
    core.metrics.retried()
    if backoff.failures == 0 { outage.began(reason) }
    let delay = backoff.next()
    let clock = core.configuration.clock
    if shutdown.isOpen {
      try? await clock.sleep(for: min(delay, .milliseconds(200)))
      return
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await clock.sleep(for: delay) }
      group.addTask { [shutdown] in await shutdown.wait() }
      await group.next()
      group.cancelAll()
    }
  }
}

/// An exponential backoff from 100 ms to 30 s. Each pause is drawn between half and all of the
/// current value, so that many processes do not retry at once.
struct Backoff {
  private(set) var failures = 0

  mutating func next() -> Duration {
    let ceiling = min(30_000, 100 << min(failures, 20))
    failures += 1
    return .milliseconds(Int.random(in: ceiling / 2...ceiling))
  }
}
