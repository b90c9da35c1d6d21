import Analytics
import AnalyticsText

/// The origins of an import's events, each prepared once.
///
/// Most files have a handful of origins. The whole collection is discarded when it becomes large,
/// so that a file with a new host name in each line cannot exhaust memory.
struct EventOrigins {
  private struct Key: Hashable {
    var service: ExactString?
    var hostname: ExactString?
    var environment: ExactString?
  }

  private var last: (key: Key, origin: EventOrigin)?
  private var origins: [Key: EventOrigin] = [:]

  private static let countMax = 1000

  /// Returns the origin of a line. A missing service is the client's; a missing host name or
  /// environment stays empty.
  mutating func origin(of line: EventLine, in client: AnalyticsClient) -> EventOrigin? {
    let key = Key(
      service: line.service.map { ExactString($0) },
      hostname: line.event.hostname.map { ExactString($0) },
      environment: line.event.environment.map { ExactString($0) })
    // Consecutive lines usually have the same origin, and comparing is faster than hashing.
    if let last, last.key == key { return last.origin }
    let found =
      origins[key]
      ?? client.origin(
        service: line.service, hostname: line.event.hostname,
        environment: line.event.environment)
    guard let found else { return nil }
    if origins.count >= Self.countMax { origins.removeAll(keepingCapacity: true) }
    origins[key] = found
    last = (key, found)
    return found
  }
}
