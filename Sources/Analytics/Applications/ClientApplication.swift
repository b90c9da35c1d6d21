#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A running instance of an application that uses this library.
public struct ClientApplication: Sendable, Hashable {
  /// The application's name, 1…100 bytes of UTF-8.
  public var name: String
  /// An id that distinguishes the instances of the application, 1…200 bytes of UTF-8. Must not be
  /// personal data.
  public var instanceID: String
  /// The application's version, at most 200 bytes of UTF-8.
  public var version: String?
  /// The deployment environment, such as `production` or `staging`, at most 200 bytes of UTF-8.
  public var environment: String?
  /// The time when the instance started, any instant of ``EventTimestamp/supportedRange``.
  public var startedAt: EventTimestamp

  /// Creates the description of an instance.
  public init(
    name: String, instanceID: String, version: String? = nil, environment: String? = nil,
    startedAt: EventTimestamp
  ) {
    self.name = name
    self.instanceID = instanceID
    self.version = version
    self.environment = environment
    self.startedAt = startedAt
  }

  /// Creates the description of this process, started now, with the service, version and
  /// environment of its configuration.
  ///
  /// The instance id is a new UUID, not the host's name, which may be a person's name.
  public init(_ configuration: AnalyticsConfiguration) {
    self.init(
      name: configuration.service, instanceID: UUID().uuidString.lowercased(),
      version: configuration.version, environment: configuration.environment,
      startedAt: configuration.now?() ?? Machine.now())
  }

  var isValid: Bool {
    let texts = [version, environment].compactMap(\.self)
    return (1...100).contains(name.utf8.count) && (1...200).contains(instanceID.utf8.count)
      && texts.allSatisfy { $0.utf8.count <= 200 }
      && ([name, instanceID] + texts).allSatisfy { !$0.utf8.contains(0) }
      && EventTimestamp.supportedRange.contains(startedAt)
  }
}

/// An instance and the time when it was last seen.
public struct ClientSighting: Sendable, Hashable {
  /// The instance.
  public var application: ClientApplication
  /// The time when it was last seen, by this process's clock.
  public var lastSeen: EventTimestamp

  /// Creates a sighting.
  public init(_ application: ClientApplication, lastSeen: EventTimestamp) {
    self.application = application
    self.lastSeen = lastSeen
  }
}

/// A registry of applications: a database, or memory in a test.
public protocol ClientApplicationSink: Sendable {
  /// Registers new instances and updates `lastSeen` of known ones. `lastSeen` must never move
  /// backwards.
  ///
  /// - Throws: ``EventSinkError``, whose description is logged; the same sightings then come again.
  func register(_ sightings: [ClientSighting]) async throws(EventSinkError)
}
