internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import AnalyticsText
internal import Foundation

// A name that no event has would give figures as if nothing had happened. So it is refused. A name
// that has events, but none in the range, is accepted.

extension RollupReader {
  /// Refuses dimension values that no event ever had, and suggests a similar one.
  ///
  /// A rollup knows every value that it ever counted, even if the raw events are gone. An event
  /// type that a rollup counts is accepted before its first event, with a warning. While there are
  /// no events at all, nothing is refused.
  ///
  /// - Parameters:
  ///   - parameter: The report's name for the dimension, if the filter has only one and its name
  ///     differs.
  ///   - rollup: The rollup in which values are searched if not all events have the dimension.
  ///   - range: The range that is searched first.
  mutating func check(
    _ filter: DimensionFilter, called parameter: String? = nil, of rollup: Rollup = .events,
    in range: Range<Date>
  ) async throws {
    for (dimension, values) in filter {
      // All events have these, so a service without requests is not unknown.
      let source = rollup.dimensions.first { $0.name == dimension }?.source
      let isOfAll = Rollup.events.dimensions.contains {
        $0.name == dimension && $0.source == source ?? $0.source
      }
      let rollup = isOfAll ? .events : rollup
      // Events that are still to be computed may have these values.
      guard isComputed(rollup) else { continue }
      let missing = try await missing(values, of: dimension, rollup, in: range)
      guard !missing.isEmpty else { continue }
      let others = try await hasOthers(dimension, rollup, in: range)
      for (value, isKnown) in missing {
        if others.inRange { warnAboutOther(value, of: dimension, rollup) }
        if isKnown || others.ever { continue }
        let similar = try await similar(to: value, of: dimension, rollup)
        guard let first = similar.first else { continue }
        let noun = dimension.replacing("_", by: " ")
        if try !first.decode(Bool.self, "is_any") {
          warn(isOfAll ? "there are no events yet" : "no event with a \(noun) was stored yet")
        } else if try isOfAll && dimension == "event_type" && first.decode(Bool.self, "is_counted")
        {
          warn("no event of the type \(value.quoted) was ever stored")
        } else {
          let known = try similar.compactMap { try $0.decode(String?.self, "value") }
          throw ReportError.invalid(
            parameter ?? dimension,
            "there is no \(noun) \(value.quoted)" + value.suggestion(among: known))
        }
      }
    }
  }

  /// Returns the values that no event in the range has, and whether an event ever had them.
  ///
  /// The days of the range are found by the key. Only values that are not found there are searched
  /// among all days. OFFSET 0 makes this a look-up that ends with the first row found.
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

  /// Returns whether some values of a dimension are counted as other: in the range, and ever.
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

  /// A relation `f` with the days and dimensions of a rollup.
  private static func days(of rollup: Rollup) -> SQL { "(SELECT * FROM \(rollup.rowsByDay)) AS f" }

  /// The condition that the day of a row `f` overlaps the range.
  private static func touches(_ range: Range<Date>) -> SQL {
    "f.day > \(range.lowerBound) - interval '24 hours' AND f.day < \(range.upperBound)"
  }

  /// Returns known values of about the same length, one of which may have been meant: a row for
  /// each, or one row with NULL. Each row also says whether there are any values, and whether a
  /// rollup counts events of this type.
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

  /// Refuses an event type that no event ever had, and properties that no event of the type has.
  ///
  /// - Parameters:
  ///   - parameters: The report's names for the type and for its conditions.
  ///   - property: A further property that the report asks about.
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
      // Older events may have a field that those that were read do not have. So it is refused only
      // if it looks like a typing error; otherwise there is a warning.
      let uncertain =
        "no \(type.quoted) event in this range, and none of the newest \(bounds.newest) of all time, "
        + line
      guard meant.isEmpty else { throw ReportError.invalid(field.parameter, uncertain) }
      warn(uncertain)
    }
  }

  /// Returns `: there are …` with the first names in byte order; empty if there are none.
  private static func listing(_ names: [String]) -> String {
    guard !names.isEmpty else { return "" }
    let first = names.map { ExactString($0) }.sorted().prefix(namesListedMax)
      .map { DisplayText.line($0.text, max: 60) }
    return ": there are " + first.joined(separator: ", ")
      + (names.count > namesListedMax ? ", …" : "")
  }

  private static let namesListedMax = 5

  /// Refuses kinds of usage that no stored period has. While nothing was counted, nothing is
  /// refused.
  mutating func check(usageKinds kinds: [String]) async throws {
    guard !kinds.isEmpty else { return }
    // The positions of the kinds that no period has. The view is asked about one period and one
    // kind at a time, because it would otherwise count all members. Readers may not see the members
    // themselves.
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
    guard !known.isEmpty else { return warn("no usage was counted yet") }
    let kind = kinds[first - 1]
    throw ReportError.invalid(
      "kind", "there is no kind of usage \(kind.quoted)" + kind.suggestion(among: known))
  }
}
