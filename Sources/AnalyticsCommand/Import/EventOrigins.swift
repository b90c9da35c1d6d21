import Analytics
import AnalyticsText

/// The origins of the events of an import, each prepared once.
///
/// Most files have a handful. One with a new hostname in every line must not fill memory, so the
/// whole collection is given up when it grows large.
struct EventOrigins {
  private struct Key: Hashable {
    var service: ExactString?
    var hostname: ExactString?
    var environment: ExactString?
  }

  private var last: (key: Key, origin: EventOrigin)?
  private var origins: [Key: EventOrigin] = [:]

  private static let countMax = 1000

  /// The origin that a line names; what it leaves out is the client's service, and nothing.
  mutating func origin(of line: EventLine, in client: AnalyticsClient) -> EventOrigin? {
    let key = Key(
      service: line.service.map { ExactString($0) },
      hostname: line.event.hostname.map { ExactString($0) },
      environment: line.event.environment.map { ExactString($0) })
    // Neighbours are mostly of one origin, and comparing is faster than hashing.
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
