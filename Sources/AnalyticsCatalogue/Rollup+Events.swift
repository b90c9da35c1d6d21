internal import AnalyticsText

extension Rollup {
  /// The events `e` that contribute, with the numbers that are counted of them: a FROM clause.
  ///
  /// Each field is looked up and read once an event, however many measures need it: OFFSET 0 keeps
  /// the planner from putting the expressions wherever they are used.
  ///
  /// - Parameters:
  ///   - source: What holds the events, and is called `e`.
  ///   - extra: Which of them, besides the rollup's own condition.
  ///   - measure: The distinct measure whose members are wanted; `nil` for the additive measures.
  package func events(
    from source: String, where extra: String? = nil, membersOf measure: Measure? = nil
  ) -> String {
    var filters = [extra].compactMap(\.self)
    if !eventTypes.isEmpty { filters.append(Condition.type(eventTypes).sql) }
    if case .distinct(let member)? = measure?.kind {
      filters.append("\(member.member) IS NOT NULL")
    }
    let numbers = (measure.map { [$0] } ?? additiveMeasures)
      .reduce(into: Set()) { $0.formUnion($1.numbers) }.sorted().map(\.text)
    let condition = measure?.condition?.sql
    guard !numbers.isEmpty else {
      let all = filters + [condition].compactMap(\.self)
      return "\(source) AS e" + (all.isEmpty ? "" : "\nWHERE \(all.joined(separator: "\n  AND "))")
    }
    func json(_ field: String) -> String { SQLText.identifier("json of \(field)") }
    let fields = numbers.map { "e.data->\(SQLText.literal($0)) AS \(json($0))" }
    let values = numbers.map { "analytics_number(e.\(json($0))) AS \($0.numberColumn)" }
    let filter = filters.isEmpty ? "" : "\nWHERE \(filters.joined(separator: "\n  AND "))"
    return """
      (SELECT e.*, \(values.joined(separator: ", "))
       FROM (SELECT e.timestamp, e.event_type, e.service, e.environment, e.user_id, e.data,
                    \(fields.joined(separator: ", "))
             FROM \(source) AS e\(filter) OFFSET 0) AS e OFFSET 0) AS e\(condition.map { "\nWHERE \($0)" } ?? "")
      """
  }
}
