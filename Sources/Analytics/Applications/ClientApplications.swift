import AnalyticsText
import Synchronization

/// Which applications use this library: this process, and others that report to it.
///
/// ```swift
/// let applications = ClientApplications(
///   sink: PostgresUsageSink(database), own: ClientApplication(configuration))
/// let worker = UsageWorker(usage, applications: applications)
/// ```
///
/// An instance that is seen often between two flushes is written once.
public final class ClientApplications: Sendable {
  /// The most instances that wait for a flush; others are passed over until there is room.
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

  /// Makes a registry.
  ///
  /// - Parameters:
  ///   - own: This process; it lives as long as flushes say so.
  ///   - now: Reads the wall clock in tests; `nil` for the system's.
  public init(
    sink: any ClientApplicationSink, own: ClientApplication? = nil,
    now: (@Sendable () -> EventTimestamp)? = nil
  ) {
    self.sink = sink
    self.own = own
    self.now = now ?? { Machine.now() }
  }

  /// An instance lives, now. Never throws, awaits or waits for the database.
  ///
  /// - Returns: Whether it was taken: its texts are of the lengths that they may have, and there is
  ///   room.
  @discardableResult
  public func saw(_ application: ClientApplication) -> Bool {
    guard application.isValid else { return false }
    return keep(ClientSighting(application, lastSeen: now()))
  }

  /// Registers who was seen since the last flush, and this process. What fails is kept for the next.
  ///
  /// - Throws: ``EventSinkError`` of the sink.
  public func flush() async throws {
    if let own { saw(own) }
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
