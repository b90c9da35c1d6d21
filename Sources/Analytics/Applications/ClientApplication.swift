#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// One running instance of an application that uses this library.
public struct ClientApplication: Sendable, Hashable {
  /// The application's name, 1…100 bytes.
  public var name: String
  /// Tells its instances apart, 1…200 bytes; not personal.
  public var instanceID: String
  /// The application's version, up to 200 bytes.
  public var version: String?
  /// `production`, `staging`, …
  public var environment: String?
  /// When the instance started.
  public var startedAt: EventTimestamp

  /// Describes an instance.
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

  /// This process, started now, by its configuration's service, version and environment.
  ///
  /// Its instance's id is a new UUID: a host's name may be a person's.
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
  }
}

/// An instance, and when it was last heard of.
public struct ClientSighting: Sendable, Hashable {
  /// Who.
  public var application: ClientApplication
  /// When, by this process's clock.
  public var lastSeen: EventTimestamp

  /// Makes a sighting.
  public init(_ application: ClientApplication, lastSeen: EventTimestamp) {
    self.application = application
    self.lastSeen = lastSeen
  }
}

/// Where applications are registered: a database, a test's memory.
public protocol ClientApplicationSink: Sendable {
  /// Registers instances that are new, and moves `lastSeen` of the others forwards, never back.
  ///
  /// - Throws: ``EventSinkError``, whose line is logged; the same comes again then.
  func register(_ sightings: [ClientSighting]) async throws(EventSinkError)
}
