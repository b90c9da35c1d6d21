internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

// A name that no event has gives figures of nothing, as if nothing had happened. So it is refused; one that
// has events, but none in the range, is not.

extension RollupReader {
  /// Refuses values of dimensions that no event ever had, with what was probably meant.
  ///
  /// A rollup knows what it counted for all time, also where raw events are gone. A type that a rollup is
  /// about is known before its first event. While there are no events at all nothing is refused.
  ///
  /// - Parameters:
  ///   - parameter: How the report calls the only dimension, where it has another name for it.
  ///   - rollup: Asked for dimensions that not all events have.
  ///   - range: Where they are looked for first.
  mutating func check(
    _ filter: DimensionFilter, called parameter: String? = nil, of rollup: Rollup = .events,
    in range: Range<Date>
  ) async throws {
    for (dimension, values) in filter {
      // Each event has these, so a service without requests is no unknown one.
      let source = rollup.dimensions.first { $0.name == dimension }?.source
      let isOfAll = Rollup.events.dimensions.contains {
        $0.name == dimension && $0.source == source ?? $0.source
      }
      let rollup = isOfAll ? .events : rollup
      // What is still to be computed may have them.
      guard isComputed(rollup) else { continue }
      let missing = try await missing(values, of: dimension, rollup, in: range)
      guard !missing.isEmpty else { continue }
      let others = try await hasOthers(dimension, rollup, in: range)
      for (value, isKnown) in missing {
        if others.inRange { noteOther(value, of: dimension, rollup) }
        if isKnown || others.ever { continue }
        let similar = try await similar(to: value, of: dimension, rollup)
        guard let first = similar.first else { continue }
        let noun = dimension.replacing("_", by: " ")
        if try !first.decode(Bool.self, "is_any") {
          note(isOfAll ? "there are no events yet" : "no event with a \(noun) was stored yet")
        } else if try isOfAll && dimension == "event_type" && first.decode(Bool.self, "is_counted")
        {
          note("no event of the type \(value.quoted) was ever stored")
        } else {
          let known = try similar.compactMap { try $0.decode(String?.self, "value") }
          throw ReportError.invalid(
            parameter ?? dimension,
            "there is no \(noun) \(value.quoted)" + value.suggestion(among: known))
        }
      }
    }
  }

  /// Which of these values no event of the range has, and whether an event ever had them.
  ///
  /// The days of the range come from the key; only what they do not have is looked for among all days.
  /// OFFSET 0 keeps it a look-up that ends with the first row found.
  private func missing(
    _ values: [String], of dimension: String, _ rollup: Rollup, in range: Range<Date>
  ) async throws(PostgresError) -> [(value: String, isKnown: Bool)] {
    let has: SQL = """
      SELECT FROM \(Self.days(of: rollup))
      WHERE f.\(identifier: dimension) = left(asked.value, \(literal: Dimension.charactersMax))
      """
    return try await connection.query(
      """
      SELECT asked.place, EXISTS (\(has) OFFSET 0) AS is_known
      FROM unnest(\(values)) WITH ORDINALITY AS asked (value, place)
      WHERE asked.value <> '' AND NOT EXISTS (\(has) AND \(Self.touches(range)) OFFSET 0)
      """
    ).map { row throws(PostgresError) in
      (values[try row.decode(Int.self, "place") - 1], try row.decode(Bool.self, "is_known"))
    }
  }

  /// Whether some values of a dimension count as other: in the range, and ever.
  private func hasOthers(
    _ dimension: String, _ rollup: Rollup, in range: Range<Date>
  ) async throws(PostgresError) -> (inRange: Bool, ever: Bool) {
    let has: SQL = """
      SELECT FROM \(Self.days(of: rollup))
      WHERE f.\(identifier: dimension) = \(literal: Dimension.other)
      """
    let row = try await connection.query(
      """
      SELECT EXISTS (\(has) AND \(Self.touches(range)) OFFSET 0) AS in_range, EXISTS (\(has) OFFSET 0) AS ever
      """
    ).only()
    return (try row.decode(Bool.self, "in_range"), try row.decode(Bool.self, "ever"))
  }

  /// Rows `f` with the days and dimensions of a rollup.
  private static func days(of rollup: Rollup) -> SQL { "(SELECT * FROM \(rollup.rowsByDay)) AS f" }

  /// Whether a row `f` is of a day of the range.
  private static func touches(_ range: Range<Date>) -> SQL {
    "f.day > \(range.lowerBound) - interval '24 hours' AND f.day < \(range.upperBound)"
  }

  /// The known values that are about as long, of which one may have been meant: a row each, or one row with
  /// NULL. Each row also says whether there are any values, and whether a rollup counts events of this type.
  private func similar(
    to value: String, of dimension: String, _ rollup: Rollup
  ) async throws(PostgresError) -> PostgresRows {
    let column = SQL.identifier(dimension)
    return try await connection.query(
      """
      SELECT s.value, EXISTS (SELECT FROM \(Self.days(of: rollup))) AS is_any,
             EXISTS (SELECT FROM analytics_rollups AS r
                     WHERE r.definition::jsonb->'eventTypes' ? \(value)) AS is_counted
      FROM (SELECT) AS one
      LEFT JOIN (SELECT DISTINCT f.\(column) AS value
                 FROM \(Self.days(of: rollup))
                 WHERE f.\(column) <> ''
                   AND abs(char_length(f.\(column)) - char_length(\(value)))
                       <= greatest(2, char_length(\(value)) / 3)
                 LIMIT 2000) AS s ON true
      """)
  }

  /// Refuses events of a type that never were, and properties that none of them has.
  ///
  /// - Parameters:
  ///   - parameters: How the report calls the type and its conditions.
  ///   - property: What else is asked of the events.
  mutating func check(
    _ selection: EventSelection, called parameters: (type: String, condition: String),
    by property: EventProperty? = nil, in range: Range<Date>,
    reading bounds: FieldSearch.Bounds = .init()
  ) async throws {
    let type = selection.eventType
    try await check([("event_type", [type])], called: parameters.type, in: range)
    var fields: [(name: String, parameter: String)] = []
    if case .field(let name) = property { fields.append((name, "property")) }
    for condition in selection.conditions {
      if case .field(let name) = condition.property { fields.append((name, parameters.condition)) }
    }
    let search = FieldSearch(
      type: type, range: range, connection: connection, bounds: bounds)
    guard !fields.isEmpty, let missing = try await search.missing(of: fields.map(\.name))
    else { return }
    let known = try await search.names().map { EventProperty.field($0).name }
    for field in fields where missing.names.contains(where: { $0.isSame(as: field.name) }) {
      let name = EventProperty.field(field.name).name
      let meant = name.suggestion(among: EventProperty.columnNames + known)
      let line = "has a property \(name.quoted)" + (meant.isEmpty ? Self.listing(known) : meant)
      if missing.isCertain {
        throw ReportError.invalid(field.parameter, "no \(type.quoted) event \(line)")
      }
      // A field of very few events may be an old one: only what looks like a slip is refused.
      let uncertain =
        "no \(type.quoted) event in this range, and none of the newest \(bounds.newest) of all time, "
        + line
      guard meant.isEmpty else { throw ReportError.invalid(field.parameter, uncertain) }
      note(uncertain)
    }
  }

  /// `: there are …` with some names, in the order of their bytes; empty without any.
  private static func listing(_ names: [String]) -> String {
    guard !names.isEmpty else { return "" }
    let first = names.map { ExactString($0) }.sorted().prefix(namesListedMax)
      .map { DisplayText.line($0.text, max: 60) }
    return ": there are " + first.joined(separator: ", ")
      + (names.count > namesListedMax ? ", …" : "")
  }

  private static let namesListedMax = 5

  /// Refuses kinds of usage that no period has, as long as usage is kept. While nothing was counted, nothing
  /// is refused.
  mutating func check(usageKinds kinds: [String]) async throws {
    guard !kinds.isEmpty else { return }
    // The places of those that no period has. The view is asked of one period and one kind at a time, or it
    // would count all members there are; they themselves are not for readers.
    let unknown: [Int] = try await connection.query(
      """
      SELECT asked.place
      FROM unnest(\(kinds)) WITH ORDINALITY AS asked (kind, place)
      WHERE NOT EXISTS (
          SELECT FROM analytics_usage_periods AS p
          WHERE EXISTS (SELECT FROM analytics_usage_counters AS c
                        WHERE c.period_id = p.id AND c.kind = asked.kind OFFSET 0)
             OR EXISTS (SELECT FROM usage_summary AS s
                        WHERE s.period_id = p.id AND s.kind = asked.kind OFFSET 0))
      """
    ).values()
    guard let first = unknown.first else { return }
    let known: [String] = try await connection.query(
      "SELECT DISTINCT kind FROM analytics_usage_counters"
    ).values()
    guard !known.isEmpty else { return note("no usage was counted yet") }
    let kind = kinds[first - 1]
    throw ReportError.invalid(
      "kind", "there is no kind of usage \(kind.quoted)" + kind.suggestion(among: known))
  }
}
