/// An event with its time and origin: the wire format, one JSON object.
///
/// ```json
/// {"timestamp":"2026-01-31T08:09:10.123456Z",
///  "event":{"type":"task_started","task_id":"…","user_id":"…"},
///  "hostname":"web-1","environment":"production"}
/// ```
/// `event` is tagged inside by `type`; names are in snake_case. Absent and `null` mean the same.
public struct EnrichedEvent: Hashable, Sendable {
  /// When it happened.
  public var timestamp: EventTimestamp
  /// What happened.
  public var event: AnalyticsEvent
  /// The machine it happened on.
  public var hostname: String?
  /// `production`, `staging`, …
  public var environment: String?

  /// Makes an event with its origin.
  public init(
    timestamp: EventTimestamp, event: AnalyticsEvent, hostname: String? = nil,
    environment: String? = nil
  ) {
    self.timestamp = timestamp
    self.event = event
    self.hostname = hostname
    self.environment = environment
  }
}

extension EnrichedEvent: Codable {
  /// Reads the wire format.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: WireKey.self)
    self.init(
      timestamp: try container.decode(EventTimestamp.self, forKey: "timestamp"),
      event: try container.decode(AnalyticsEvent.self, forKey: "event"),
      hostname: try container.decodeIfPresent(String.self, forKey: "hostname"),
      environment: try container.decodeIfPresent(String.self, forKey: "environment"))
  }

  /// Writes the wire format.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: WireKey.self)
    try container.encode(timestamp, forKey: "timestamp")
    try container.encode(event, forKey: "event")
    try container.encodeIfPresent(hostname, forKey: "hostname")
    try container.encodeIfPresent(environment, forKey: "environment")
  }
}

extension EventTimestamp: Codable {
  /// Reads RFC 3339.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = EventTimestamp(rfc3339: text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not an RFC 3339 timestamp"))
    }
    self = value
  }

  /// Writes RFC 3339.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
