internal import AnalyticsPostgres

/// Events of one type, with conditions that all have to hold.
public struct EventSelection: Hashable, Sendable {
  /// The type, as it is stored.
  public var eventType: String
  /// What has to hold besides.
  public var conditions: [PropertyCondition]

  /// Makes a selection.
  public init(_ eventType: String, where conditions: [PropertyCondition] = []) {
    self.eventType = eventType
    self.conditions = conditions
  }

  /// Reads `type`, or `type,condition,…` as ``PropertyCondition/init(_:)`` takes them; what holds a comma
  /// stands in double quotes.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter``, of the parameter `step`.
  public init(parsing text: String) throws(ReportError) {
    var scanner = ConditionScanner(text, parameter: "step", isList: true)
    eventType = try scanner.word(endsAtSigns: false)
    guard !eventType.isEmpty else { throw scanner.refusal("it begins with the type of an event") }
    conditions = []
    while !scanner.isAtEnd {
      guard scanner.take(",") else { throw scanner.refusal("a comma is missing") }
      conditions.append(try PropertyCondition(&scanner))
    }
  }
}

extension EventSelection: CustomStringConvertible {
  /// As ``init(parsing:)`` takes it.
  public var description: String {
    ([ConditionScanner.written(eventType)] + conditions.map(\.description)).joined(separator: ",")
  }
}

extension EventSelection {
  /// Of the event `e`.
  var sql: SQL {
    (["e.event_type = \(eventType)"] + conditions.map(\.sql)).joined(separator: " AND ")
  }
}
