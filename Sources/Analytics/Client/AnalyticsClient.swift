#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Tracks events: encodes them into a buffer from which an ``AnalyticsWorker`` stores them.
///
/// Create one client per process, pass it to all code that tracks events, and run a worker beside
/// it.
///
/// ```swift
/// let analytics = try AnalyticsClient(service: "platform", sink: PostgresEventSink(url: databaseURL))
/// let worker = AnalyticsWorker(analytics)
///
/// analytics.track(.taskCreated(taskID: task.id, userID: user.id, command: task.command))
/// ```
///
/// `track` encodes the event as the row that PostgreSQL will read, directly into a segment of the
/// buffer. It never throws, never awaits and never waits for the database. It waits for the disk
/// only in ``BufferMode/synchronous(directory:limitBytes:)``. A call was measured at 80 ns. The
/// ``BufferMode`` decides which failures an event survives once `track` has returned.
///
/// A child process that is forked without an exec may go on tracking. Its events go into a spool
/// directory of its own, and the worker of another process stores them once the child has ended. To
/// store events itself, a child must create its own client and sink.
public final class AnalyticsClient: Sendable {
  /// The core that the client was created with; `nil` in ``disabled``.
  let ownCore: ClientCore?
  /// An unretained reference to `ownCore`, which `track` uses without reference counting.
  ///
  /// Safe because `ownCore` is a `let` and keeps the object alive for as long as this client
  /// exists.
  private let borrowed: Unmanaged<ClientCore>?

  /// The core of the current process, which differs from `ownCore` in a forked child.
  var core: ClientCore? { ownCore?.currentProcessCore }

  /// Creates a client with the given settings.
  ///
  /// - Throws: ``AnalyticsError`` if a setting is outside its range, or if the spool directory
  ///   cannot be created, locked, mapped or written. The client never falls back to memory.
  public init(_ configuration: AnalyticsConfiguration, sink: any EventSink) throws(AnalyticsError) {
    let core = try ClientCore(configuration, sink: sink)
    ownCore = core
    borrowed = .passUnretained(core)
  }

  /// Creates a client with default settings.
  ///
  /// - Throws: See ``init(_:sink:)``.
  public convenience init(
    service: String, environment: String? = nil, sink: any EventSink
  ) throws(AnalyticsError) {
    try self.init(AnalyticsConfiguration(service: service, environment: environment), sink: sink)
  }

  private init() { (ownCore, borrowed) = (nil, nil) }

  /// A client that accepts events and discards them, for tests and for analytics switched off.
  ///
  /// A worker of this client only waits for shutdown.
  public static let disabled = AnalyticsClient()
}

// MARK: - Tracking

extension AnalyticsClient {
  /// Tracks an event that happens now.
  ///
  /// - Returns: `nil` if the event is in the buffer, otherwise the reason why it was dropped. The
  ///   result can be ignored, because ``accounting`` counts the event in either case. In
  ///   ``BufferMode/synchronous(directory:limitBytes:)``, ``DropReason/unavailable`` is also
  ///   returned if the device failed after the event had reached the buffer; that event is not
  ///   dropped and will be stored.
  @discardableResult
  public func track(_ event: AnalyticsEvent) -> DropReason? {
    borrowed?._withUnsafeGuaranteedRef { core in
      core.append(at: core.now(), event) { $0.describe(to: &$1) }
    }
  }

  /// Tracks an event that happened at the given time.
  ///
  /// - Returns: See ``track(_:)-(AnalyticsEvent)``.
  @discardableResult
  public func track(_ event: AnalyticsEvent, at timestamp: EventTimestamp) -> DropReason? {
    borrowed?._withUnsafeGuaranteedRef { core in
      core.append(at: timestamp, event) { $0.describe(to: &$1) }
    }
  }

  /// Tracks an event of the application's own type that happens now.
  ///
  /// - Returns: See ``track(_:)-(AnalyticsEvent)``.
  @discardableResult
  public func track<Event: TrackableEvent>(_ event: Event) -> DropReason? {
    borrowed?._withUnsafeGuaranteedRef { core in
      core.append(at: core.now(), event) { $0.write(to: &$1) }
    }
  }

  /// Tracks an event of the application's own type that happened at the given time.
  ///
  /// - Returns: See ``track(_:)-(AnalyticsEvent)``.
  @discardableResult
  public func track<Event: TrackableEvent>(
    _ event: Event, at timestamp: EventTimestamp
  ) -> DropReason? {
    borrowed?._withUnsafeGuaranteedRef { core in
      core.append(at: timestamp, event) { $0.write(to: &$1) }
    }
  }
}

extension TrackableEvent {
  func write(to fields: inout EventFields) {
    fields.begin(type: Self.eventType, user: userID, service: service)
    encode(to: &fields)
  }
}

// MARK: - Users

extension AnalyticsClient {
  /// Returns the user id for a user whom the application identifies by name: the same id for the
  /// same name.
  ///
  /// Without a privacy key the id is a UUIDv5, which anyone who knows the name can compute. With a
  /// privacy key it is a UUIDv8 derived by HMAC-SHA256, which only holders of the key can compute.
  /// A call takes a few microseconds.
  public func userID(for name: String) -> UUID {
    UserIdentity(key: core?.configuration.privacyKey).uuid(for: name)
  }

  /// Returns the user id for a user whom the application identifies by number: the id of the
  /// number's decimal digits.
  public func userID(for number: some BinaryInteger) -> UUID {
    userID(for: String(number))
  }
}

// MARK: - State and flushing

extension AnalyticsClient {
  /// Whether a worker of this process runs for this client. Always true for ``disabled``, which
  /// needs none.
  package var hasWorker: Bool { core?.hasWorker ?? true }

  /// The current counts of all events of this client.
  ///
  /// Reading them takes microseconds: suitable for a status page, not for every request.
  public var accounting: EventAccounting { core?.buffer.accounting ?? EventAccounting() }

  /// Waits until all events that dead processes left in the spool for this destination are stored
  /// or rejected.
  ///
  /// - Throws: See ``flush(timeout:)``.
  package func finishSpool(timeout: Duration) async throws {
    try await core?.finishSpool(timeout: timeout)
  }

  /// The number of events in the spool that dead processes left for this destination and that no
  /// living process has adopted.
  package var unadoptedEvents: Int { core?.buffer.unadoptedEvents ?? 0 }

  /// Waits until all events tracked before this call are stored or rejected.
  ///
  /// The worker may start after this call, because the services of a group start in any order.
  ///
  /// - Throws: ``AnalyticsError`` with code ``AnalyticsError/Code/flushTimedOut`` if it takes
  ///   longer than `timeout`; the events stay in the buffer and will be stored. Code
  ///   ``AnalyticsError/Code/workerNotRunning`` if the worker has ended, or if none has started
  ///   within `timeout`. `CancellationError` if the task is cancelled.
  public func flush(timeout: Duration = .seconds(30)) async throws {
    try await core?.flush(timeout: timeout)
  }
}
