import Logging

/// Moves batches from the buffer to the sink until shutdown: one writer always, and where the sink
/// allows it a helper while more waits than fits a batch.
struct Drain: Sendable {
  let core: ClientCore
  let shutdown: Latch
  let logger: Logger

  func run() async {
    let backlog = WakeSignal()
    await withTaskGroup { group in
      if core.sink.concurrentWritesMax > 1 {
        group.addTask { await help(when: backlog) }
      }
      while !Task.isCancelled {
        await drainAll(asking: backlog)
        if shutdown.isOpen { break }
        await core.buffer.batchReady.wait()
      }
      // What the helper has in hand it finishes.
      backlog.set()
      await group.waitForAll()
    }
  }

  private func help(when backlog: WakeSignal) async {
    while !Task.isCancelled {
      await backlog.wait()
      await drainAll(asking: backlog)
      if shutdown.isOpen { return }
      // The writer may have passed over a segment while the helper looked into it.
      core.buffer.batchReady.set()
    }
  }

  private func drainAll(asking backlog: WakeSignal) async {
    var backoff = Backoff()
    // Rows of which it is not known whether they are stored. They come again as they were, before
    // all others: only so can the sink tell its own rows from duplicates.
    var unclear: EventBatch?
    let (rowsMax, bytesMax) = (core.configuration.batchRowsMax, core.configuration.batchBytesMax)
    while !Task.isCancelled {
      do {
        guard
          let batch = try unclear ?? core.buffer.nextBatch(rowsMax: rowsMax, bytesMax: bytesMax)
        else { return }
        if batch.rowCount >= rowsMax || batch.byteCount > bytesMax / 2 { backlog.set() }
        unclear = nil
        defer { core.buffer.release(batch, except: unclear) }
        try await store(batch, &unclear)
        if backoff.failures > 0 { logger.info("events are stored again") }
        backoff = Backoff()
      } catch {
        await pause("\(error)", &backoff)
      }
    }
    if let unclear { core.buffer.release(unclear) }
  }

  /// Stores a batch, or as much of its beginning as can be.
  ///
  /// A refused batch is halved until the row at fault is alone. What is settled is settled from the
  /// front, so whatever interrupts this, the next batch begins where this one stopped.
  private func store(_ batch: EventBatch, _ unclear: inout EventBatch?) async throws(EventSinkError)
  {
    var parts = [batch]
    while let part = parts.popLast() {
      do {
        let start = ContinuousClock.now
        let receipt = try await core.sink.write(part)
        core.metrics.wrote(rows: part.rowCount, in: ContinuousClock.now - start)
        core.buffer.settle(part, receipt.fitted(to: part.rowCount))
      } catch  where error.kind == .refused && part.rowCount > 1 {
        let (first, second) = part.split(at: part.rowCount / 2)
        parts.append(contentsOf: [second, first].compactMap(\.self))
      } catch  where error.kind == .refused {
        core.buffer.settle(part, EventReceipt(stored: 0, rejected: [.refused: 1]))
        logger.warning(
          "an event was refused and set aside",
          metadata: ["analytics.reason": "\(error.description)"])
      } catch {
        if error.outcomeUnknown || part.mayBeStored {
          unclear = part
          unclear?.mayBeStored = true
        }
        throw error
      }
    }
  }

  /// Waits before the next attempt; a shutdown meanwhile ends the wait once.
  private func pause(_ reason: String, _ backoff: inout Backoff) async {
    if Task.isCancelled { return }
    core.metrics.retried()
    if backoff.failures == 0 {
      logger.warning(
        "events cannot be stored for now and are kept", metadata: ["analytics.reason": "\(reason)"])
    }
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

/// Pauses that double from 100 ms up to 30 s, each drawn between half of it and all of it, so that
/// many processes do not come back at once.
struct Backoff {
  private(set) var failures = 0

  mutating func next() -> Duration {
    let ceiling = min(30_000, 100 << min(failures, 20))
    failures += 1
    return .milliseconds(Int.random(in: ceiling / 2...ceiling))
  }
}
