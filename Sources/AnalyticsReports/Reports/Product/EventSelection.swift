internal import AnalyticsPostgres

/// Events of one type that satisfy all of some conditions.
public struct EventSelection: Hashable, Sendable {
  /// The type of the events, as stored.
  public var eventType: String
  /// The conditions, all of which have to hold.
  public var conditions: [PropertyCondition]

  /// Makes a selection.
  public init(_ eventType: String, where conditions: [PropertyCondition] = []) {
    self.eventType = eventType
    self.conditions = conditions
  }

  /// Parses `type` or `type,condition,…`, with conditions as ``PropertyCondition/init(_:)`` takes
  /// them. A part that contains a comma must be in double quotes.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter``, with the parameter `step`.
  public init(parsing text: String) throws(ReportError) {
    var scanner = ConditionScanner(text, parameter: "step", isList: true)
    eventType = try scanner.word(endsAtSigns: false)
    guard !eventType.isEmpty else { throw scanner.refusal("the type of the event is missing") }
    conditions = []
    while !scanner.isAtEnd {
      guard scanner.take(",") else { throw scanner.refusal("a comma is missing") }
      conditions.append(try PropertyCondition(&scanner))
    }
  }
}

extension EventSelection: CustomStringConvertible {
  /// The selection, in the form that ``init(parsing:)`` takes.
  public var description: String {
    ([ConditionScanner.written(eventType)] + conditions.map(\.description)).joined(separator: ",")
  }
}

extension EventSelection {
  /// The condition on an event `e` in SQL.
  var sql: SQL {
    (["e.event_type = \(eventType)"] + conditions.map(\.sql)).joined(separator: " AND ")
  }
}
