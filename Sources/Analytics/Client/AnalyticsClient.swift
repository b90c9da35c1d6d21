#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Tracks events. Make one a process, hand it to whoever has something to tell, and run an
/// ``AnalyticsWorker`` beside it.
///
/// ```swift
/// let analytics = try AnalyticsClient(service: "platform", sink: PostgresEventSink(url: databaseURL))
/// let worker = AnalyticsWorker(analytics)
///
/// analytics.track(.taskCreated(taskID: task.id, userID: user.id, command: task.command))
/// ```
///
/// `track` encodes the event into the row that PostgreSQL will read, in a segment of the buffer.
/// It never throws, awaits, or waits for the database or the disk (but for
/// ``BufferMode/synchronous(folder:limitBytes:)``), and takes 70 ns where that was measured. What the event survives
/// once `track` has returned is up to the ``BufferMode``.
///
/// A child that is forked without an exec may go on tracking: what it tracks goes into a folder of its
/// own in the spool, and is stored by a worker of another process once the child has ended. To store
/// by itself, a child makes a client and a sink of its own.
public final class AnalyticsClient: Sendable {
  /// The one that it was made with; `nil` in a client that does nothing.
  let ownCore: ClientCore?
  /// The same, borrowed: `track` uses it without counting references.
  private let borrowed: Unmanaged<ClientCore>?

  /// The one of this process, which may be a forked child.
  var core: ClientCore? { ownCore?.here }

  /// Makes a client with all settings at hand.
  ///
  /// - Throws: ``AnalyticsError`` if a setting is outside its range, or the spool folder cannot be
  ///   created, locked, mapped or written: never is memory taken in its place.
  public init(_ configuration: AnalyticsConfiguration, sink: any EventSink) throws(AnalyticsError) {
    let core = try ClientCore(configuration, sink: sink)
    ownCore = core
    borrowed = .passUnretained(core)
  }

  /// Makes a client with default settings.
  ///
  /// - Throws: as ``init(_:sink:)``.
  public convenience init(
    service: String, environment: String? = nil, sink: any EventSink
  ) throws(AnalyticsError) {
    try self.init(AnalyticsConfiguration(service: service, environment: environment), sink: sink)
  }

  private init() { (ownCore, borrowed) = (nil, nil) }

  /// A client that takes events and does nothing with them: for tests, and for analytics switched
  /// off. Its worker waits for shutdown.
  public static let disabled = AnalyticsClient()
}

// MARK: - Tracking

extension AnalyticsClient {
  /// Tracks an event, now.
  ///
  /// - Returns: `nil` if the event is in the buffer; otherwise why it was dropped. It has been
  ///   counted in ``accounting`` either way, so the result can be ignored.
  @discardableResult
  public func track(_ event: AnalyticsEvent) -> DropReason? {
    borrowed?._withUnsafeGuaranteedRef { core in
      core.append(at: core.now(), event) { $0.describe(to: &$1) }
    }
  }

  /// Tracks an event that happened at another time.
  @discardableResult
  public func track(_ event: AnalyticsEvent, at timestamp: EventTimestamp) -> DropReason? {
    borrowed?._withUnsafeGuaranteedRef { core in
      core.append(at: timestamp, event) { $0.describe(to: &$1) }
    }
  }

  /// Tracks an event of your own, now.
  ///
  /// - Returns: as ``track(_:)-(AnalyticsEvent)``.
  @discardableResult
  public func track<Event: TrackableEvent>(_ event: Event) -> DropReason? {
    borrowed?._withUnsafeGuaranteedRef { core in
      core.append(at: core.now(), event) { $0.write(to: &$1) }
    }
  }

  /// Tracks an event of your own that happened at another time.
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
  /// The user id of somebody whom your application knows by a name: the same for the same name.
  ///
  /// Without a privacy key a UUIDv5, which anybody who knows the name can compute; with one a
  /// UUIDv8 over HMAC-SHA256, which only holders of the key can. Some microseconds.
  public func userID(for name: String) -> UUID {
    UserIdentity(key: core?.configuration.privacyKey).uuid(for: name)
  }

  /// The user id of somebody whom your application knows by a number: the same as for its digits.
  public func userID(for number: some BinaryInteger) -> UUID {
    userID(for: String(number))
  }
}

// MARK: - Looking after it

extension AnalyticsClient {
  /// Whether somebody stores what it tracks, or nobody need.
  package var hasWorker: Bool { core?.hasWorker ?? true }

  /// Where all events are. Takes microseconds; for a status page rather than for each request.
  public var accounting: EventAccounting { core?.buffer.accounting ?? EventAccounting() }

  /// Waits until what dead processes left in the spool for this destination is stored or refused.
  ///
  /// - Throws: as ``flush(timeout:)``.
  package func finishSpool(timeout: Duration) async throws {
    try await core?.finishSpool(timeout: timeout)
  }

  /// How many events wait in the spool for this destination that no living process has taken over.
  package var eventsLeftToOthers: Int { core?.buffer.eventsLeftToOthers ?? 0 }

  /// Waits until everything that was tracked before is stored or refused.
  ///
  /// The worker may begin later than this call, as services of one group start in any order.
  ///
  /// - Throws: ``AnalyticsError`` with code ``AnalyticsError/Code/flushTimedOut`` if it takes longer
  ///   than `timeout` (the events stay in the buffer and will be stored), with code
  ///   ``AnalyticsError/Code/workerNotRunning`` if the worker has ended, or none has begun within
  ///   `timeout`; `CancellationError`.
  public func flush(timeout: Duration = .seconds(30)) async throws {
    try await core?.flush(timeout: timeout)
  }
}
