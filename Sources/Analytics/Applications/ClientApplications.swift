import AnalyticsText
import Synchronization

/// Registers the applications that use this library: this process, and others that report to it.
///
/// ```swift
/// let applications = ClientApplications(
///   sink: PostgresUsageSink(database), own: ClientApplication(configuration))
/// let worker = UsageWorker(usage, applications: applications)
/// ```
///
/// An instance that is seen several times between two flushes is written once.
public final class ClientApplications: Sendable {
  /// The largest number of instances that wait for a flush. Further instances are ignored until
  /// there is room.
  public static let waitingMax = 10_000

  private let own: ClientApplication?
  private let sink: any ClientApplicationSink
  private let now: @Sendable () -> EventTimestamp
  private let waiting = Mutex<[Key: ClientSighting]>([:])

  private struct Key: Hashable {
    let name: ExactString
    let instanceID: ExactString

    init(_ application: ClientApplication) {
      name = ExactString(application.name)
      instanceID = ExactString(application.instanceID)
    }
  }

  /// Creates a registry.
  ///
  /// - Parameters:
  ///   - own: This process, which each flush registers as seen.
  ///   - now: Replaces the wall clock in tests; `nil` uses the system's clock.
  public init(
    sink: any ClientApplicationSink, own: ClientApplication? = nil,
    now: (@Sendable () -> EventTimestamp)? = nil
  ) {
    self.sink = sink
    self.own = own
    self.now = now ?? { Machine.now() }
  }

  /// Records that an instance was seen now. Never throws, never awaits and never waits for the
  /// database.
  ///
  /// - Returns: `false` if the instance was ignored: a string has an invalid length or contains
  ///   U+0000, its start is outside ``EventTimestamp/supportedRange``, or there is no room.
  @discardableResult
  public func recordSighting(_ application: ClientApplication) -> Bool {
    guard application.isValid else { return false }
    return keep(ClientSighting(application, lastSeen: now()))
  }

  /// Registers this process and the instances seen since the last flush. If that fails, they are
  /// kept for the next flush.
  ///
  /// - Throws: The sink's ``EventSinkError``.
  public func flush() async throws {
    if let own { recordSighting(own) }
    let sightings = waiting.withLock { waiting in
      defer { waiting = [:] }
      return Array(waiting.values)
    }
    guard !sightings.isEmpty else { return }
    do {
      try await sink.register(sightings)
    } catch {
      for sighting in sightings { keep(sighting) }
      throw error
    }
  }

  @discardableResult
  private func keep(_ sighting: ClientSighting) -> Bool {
    waiting.withLock { waiting in
      let key = Key(sighting.application)
      if let known = waiting[key] {
        if known.lastSeen <= sighting.lastSeen { waiting[key] = sighting }
        return true
      }
      guard waiting.count < Self.waitingMax else { return false }
      waiting[key] = sighting
      return true
    }
  }
}
