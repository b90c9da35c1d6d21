/// An event with its time and origin, in the wire format: one JSON object.
///
/// ```json
/// {"timestamp":"2026-01-31T08:09:10.123456Z",
///  "event":{"type":"task_started","task_id":"…","user_id":"…"},
///  "hostname":"web-1","environment":"production"}
/// ```
/// The field `type` inside `event` names its case. Names are in snake_case. An absent field and
/// `null` mean the same.
public struct EnrichedEvent: Hashable, Sendable {
  /// The time when the event happened.
  public var timestamp: EventTimestamp
  /// The event itself.
  public var event: AnalyticsEvent
  /// The name of the machine on which the event happened.
  public var hostname: String?
  /// The deployment environment, such as `production` or `staging`.
  public var environment: String?

  /// Creates an event with its time and origin.
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
  /// Reads an RFC 3339 string.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = EventTimestamp(rfc3339: text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not an RFC 3339 timestamp"))
    }
    self = value
  }

  /// Writes an RFC 3339 string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
