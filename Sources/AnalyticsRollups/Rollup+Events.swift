package import AnalyticsPostgres
internal import AnalyticsText

extension Rollup {
  /// Returns a FROM clause for the events `e` that contribute to the rollup, with the numeric
  /// fields that its measures need as columns.
  ///
  /// Each field is looked up and converted once per event, however many measures need it. OFFSET 0
  /// keeps the planner from copying the expressions to every place where they are used.
  ///
  /// - Parameters:
  ///   - source: The relation that holds the events; it gets the alias `e`.
  ///   - extra: A condition on the events in addition to the rollup's own.
  ///   - measure: The distinct measure whose values are wanted; `nil` for the additive measures.
  package func events(
    from source: SQL, where extra: SQL? = nil, membersOf measure: Measure? = nil
  ) -> SQL {
    var filters = [extra].compactMap(\.self)
    if !eventTypes.isEmpty { filters.append(Condition.type(eventTypes).sql) }
    if let member = measure?.source?.member { filters.append("\(member) IS NOT NULL") }
    let numbers = (measure.map { [$0] } ?? additiveMeasures)
      .reduce(into: Set()) { $0.formUnion($1.numbers) }.sorted().map(\.text)
    let condition = [measure?.condition?.sql].compactMap(\.self)
    guard !numbers.isEmpty else { return "\(source) AS e\(Self.filter(filters + condition))" }
    func json(_ field: String) -> SQL { .identifier("json of \(field)") }
    let fields = numbers.map { "e.data->\(literal: $0) AS \(json($0))" as SQL }
    let values = numbers.map { "analytics_number(e.\(json($0))) AS \($0.numberColumn)" as SQL }
    return """
      (SELECT e.*, \(values.joined(separator: ", "))
       FROM (SELECT e.timestamp, e.event_type, e.service, e.environment, e.user_id, e.data, e.batch,
                    \(fields.joined(separator: ", "))
             FROM \(source) AS e\(Self.filter(filters)) OFFSET 0) AS e OFFSET 0) AS e\(
               Self.filter(condition))
      """
  }

  private static func filter(_ conditions: [SQL]) -> SQL {
    conditions.isEmpty ? "" : "\nWHERE \(conditions.joined(separator: "\n  AND "))"
  }
}
