internal import Foundation

extension Series: Encodable {
  /// Encodes an object with the report's name, range and time zone, its columns with their units,
  /// its rows as objects, how far it is complete, its warnings, and how to ask for the next page.
  ///
  /// A property that events do not have is `null`. In the row of all other values it is `null`,
  /// too, and only that row has the member `is_other`. Only rows of incomplete buckets have the
  /// member `partial`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: "report")
    if let range {
      try container.encode(LocalTime(range.lowerBound, in: zone).text, forKey: "from")
      try container.encode(LocalTime(range.upperBound, in: zone).text, forKey: "to")
    }
    try container.encode(zoneName, forKey: "time_zone")
    var columnList = container.nestedUnkeyedContainer(forKey: "columns")
    for column in columns {
      var object = columnList.nestedContainer(keyedBy: Key.self)
      try object.encode(column.name, forKey: "name")
      try object.encode(column.unit.name, forKey: "unit")
    }
    var rowList = container.nestedUnkeyedContainer(forKey: "rows")
    for row in rows {
      var object = rowList.nestedContainer(keyedBy: Key.self)
      for (value, column) in zip(row, columns) {
        let key = Key(stringLiteral: column.name)
        switch value {
        case .integer(let number): try object.encode(number, forKey: key)
        case .number(let number): try object.encode(number, forKey: key)
        case .text(let text): try object.encode(text, forKey: key)
        case .null, .absent: try object.encodeNil(forKey: key)
        case .others:
          try object.encodeNil(forKey: key)
          try object.encode(true, forKey: "is_other")
        case .instant: try object.encode(text(value, in: column), forKey: key)
        }
      }
      if let partial = partial(row) { try object.encode(partial.rawValue, forKey: "partial") }
    }
    if let completeUntil {
      try container.encode(LocalTime(completeUntil, in: zone).text, forKey: "complete_until")
    }
    try container.encode(warnings, forKey: "notes")
    if let nextPage {
      try container.encode([nextPage.parameter: nextPage.value], forKey: "next_page")
    }
  }

  /// The IANA name of the time zone; `UTC` for UTC.
  public var zoneName: String { zone.reportName }

  private struct Key: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringLiteral value: String) { stringValue = value }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

extension Series.Unit {
  /// The name in snake_case.
  public var name: String {
    switch self {
    case .time(let granularity): granularity == .total ? "instant" : granularity.rawValue
    case .instant: "instant"
    case .weekday: "weekday"
    case .hourOfDay: "hour_of_day"
    case .text, .propertyValue: "text"
    case .events: "events"
    case .users: "users"
    case .distinct: "distinct"
    case .milliseconds: "milliseconds"
    case .seconds: "seconds"
    case .ratio: "ratio"
    case .days: "days"
    case .period, .number: "number"
    }
  }
}
