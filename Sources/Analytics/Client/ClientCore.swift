import AnalyticsText
import CAnalyticsPlatform
import Synchronization

#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

/// The state of a client's worker. After one worker has ended, another may start.
enum WorkerState {
  case notBegun
  case running
  case ended
}

/// The state that a client shares with its worker.
final class ClientCore: Sendable {
  let configuration: AnalyticsConfiguration
  let sink: any EventSink
  let buffer: EventBuffer
  let context: RowContext
  private let clockReplacement: (@Sendable () -> EventTimestamp)?
  let metrics = PipelineMetrics()
  let worker = Mutex(WorkerState.notBegun)
  /// The number of callers that wait until events are stored. Incremented before
  /// ``flushRequested`` is notified; the lock of ``flushRequested`` orders the two.
  private let waiting = Atomic(0)
  /// Notified when another caller starts to wait, and when a shutdown starts.
  let flushRequested = Progress()
  /// The core that replaces this one in a forked child. The child shares the parent's mapped files
  /// and has none of its threads, so it must not use the parent's buffer.
  private let childCore = Mutex<ClientCore?>(nil)
  private let workerlessSync = Mutex<WorkerlessSync?>(nil)

  init(_ configuration: AnalyticsConfiguration, sink: any EventSink) throws(AnalyticsError) {
    try configuration.validate()
    let destination = sink.destination
    guard (1...200).contains(destination.utf8.count) else {
      throw AnalyticsError(
        .invalidConfiguration,
        "the sink's destination has \(destination.utf8.count) bytes; it must have 1 to 200")
    }
    self.configuration = configuration
    self.sink = sink
    clockReplacement = configuration.now
    context = RowContext(
      service: configuration.service, hostname: configuration.hostname,
      environment: configuration.environment, privacy: configuration.privacy,
      key: configuration.privacyKey)
    buffer = EventBuffer(
      mode: configuration.buffer, segmentBytes: configuration.segmentBytes,
      batchRows: configuration.batchSize, destination: Destination(settings: destination))
    do { try buffer.open() } catch {
      buffer.close()
      throw AnalyticsError(
        .spoolUnusable,
        "\(error); choose a directory that this user can write, on a file system with free space "
          + "that can lock and map files, or another buffer mode", cause: error)
    }
    if let interval = configuration.buffer.syncInterval {
      let sync = WorkerlessSync(self, every: interval)
      workerlessSync.withLock { $0 = sync }
    }
  }

  /// The end of the client: the client, its worker and those who wait for it hold the core.
  deinit {
    workerlessSync.withLock { $0 }?.end()
    buffer.close()
  }

  /// Creates the core of a forked child. It has no worker, and creates a spool directory of its own
  /// when the first event arrives.
  private init(inChildOf parent: ClientCore) {
    (configuration, sink) = (parent.configuration, parent.sink)
    (context, clockReplacement) = (parent.context, parent.clockReplacement)
    buffer = EventBuffer(
      mode: configuration.buffer, segmentBytes: configuration.segmentBytes,
      batchRows: configuration.batchSize, destination: parent.buffer.pool.destination)
  }

  @inline(__always)
  func now() -> EventTimestamp {
    if let clockReplacement { clockReplacement() } else { Machine.now() }
  }

  @inline(__always)
  func append<Content>(
    at timestamp: EventTimestamp, _ content: Content, _ write: RowBody<Content>
  ) -> DropReason? {
    guard buffer.isInOwnProcess else {
      return currentProcessCore.append(at: timestamp, content, write)
    }
    return buffer.append(NewRow(timestamp: timestamp, context: context.values), content, write)
  }

  func flush(timeout: Duration) async throws {
    let target = buffer.marks
    buffer.batchReady.set()
    try await wait(atMost: timeout) { target.allSatisfy(\.isSettled) }
  }

  /// Waits until all events that dead processes left for this destination are stored or rejected.
  func finishSpool(timeout: Duration) async throws {
    try await wait(atMost: timeout) { [buffer] in
      buffer.search.isComplete && buffer.accounting.pending == 0
    }
  }

  /// Whether events may stay in the buffer for a while: no caller waits for them, the buffer is in
  /// files, and it has ample room.
  var hasTime: Bool { waiting.load(ordering: .relaxed) == 0 && buffer.canWait }

  /// Waits even if the worker has not started: services of a group start in any order.
  private func wait(
    atMost timeout: Duration, until isDone: @escaping @Sendable () -> Bool
  ) async throws {
    let clock = configuration.clock
    waiting.add(1, ordering: .relaxed)
    defer { waiting.subtract(1, ordering: .relaxed) }
    flushRequested.notify()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { [self] in
        while true {
          let step = buffer.progress.next()
          if isDone() { return }
          try requireNotEnded()
          try Task.checkCancellation()
          await step.wait()
        }
      }
      group.addTask { [self] in
        try await clock.sleep(for: min(timeout, OptionRange.longestWait))
        guard worker.withLock({ $0 != .notBegun }) else {
          throw AnalyticsError(
            .workerNotRunning,
            "no AnalyticsWorker started within \(timeout) of the flush; run one beside the client")
        }
        throw AnalyticsError(
          .flushTimedOut, "flush took longer than \(timeout); the events stay in the buffer")
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  var hasWorker: Bool { worker.withLock { $0 == .running } }

  /// The core of the current process: this one, or its replacement in a child that was forked after
  /// it was made.
  var currentProcessCore: ClientCore {
    if buffer.isInOwnProcess { return self }
    let child = childCore.withLock { core in
      let child = core ?? ClientCore(inChildOf: self)
      core = child
      return child
    }
    // The child may have been forked again.
    return child.currentProcessCore
  }

  private func requireNotEnded() throws(AnalyticsError) {
    guard worker.withLock({ $0 != .ended }) else {
      throw AnalyticsError(
        .workerNotRunning, "the AnalyticsWorker has ended; flush while it runs")
    }
  }
}

// MARK: - Import

/// The encoded origin (service, hostname, environment) that imported events share.
package struct EventOrigin: Sendable {
  let context: RowContext
}

extension AnalyticsClient {
  /// Prepares to record events of the given origin; `nil` for a disabled client.
  ///
  /// - Parameters:
  ///   - service: The service of events that name none; `nil` for the client's own.
  ///   - isNew: Whether the events happen now. If not, the buffer stops reporting
  ///     ``EventBatch/trackedAfter``, since they may have been tracked at any time.
  package func origin(
    service: String? = nil, hostname: String?, environment: String?, isNew: Bool = false
  ) -> EventOrigin? {
    core.map { core in
      if !isNew { core.buffer.stopTrackedAfter() }
      return EventOrigin(
        context: RowContext(
          service: service ?? core.configuration.service, hostname: hostname,
          environment: environment, privacy: core.configuration.privacy,
          key: core.configuration.privacyKey))
    }
  }

  /// Reads the sink's clock. Every event tracked from now on is known to be later than that
  /// reading.
  ///
  /// - Throws: ``EventSinkError`` if the sink cannot be reached.
  package func readSinkClock() async throws(EventSinkError) {
    guard let core else { return }
    _ = try await core.sink.installation()
    core.buffer.note(clock: core.sink.clock)
  }

  /// Tracks an event that already has an id, and waits for room where `track` would drop the event.
  ///
  /// - Returns: `nil` if the event is in the buffer, otherwise the reason why it can never be
  ///   stored.
  package func record(
    _ event: AnalyticsEvent, at timestamp: EventTimestamp, id: UUID, from origin: EventOrigin
  ) async throws(CancellationError) -> DropReason? {
    guard let core else { return nil }
    var row = NewRow(id: UUIDBits(id), timestamp: timestamp, context: origin.context.values)
    row.dropsOverflow = false
    while true {
      let step = core.buffer.progress.next()
      switch core.buffer.append(row, event, { $0.describe(to: &$1) }) {
      case .full, .unavailable:
        core.buffer.batchReady.set()
        await step.wait()
        if Task.isCancelled { throw CancellationError() }
      case let outcome: return outcome
      }
    }
  }
}
