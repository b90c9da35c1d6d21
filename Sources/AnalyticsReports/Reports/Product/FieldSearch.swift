internal import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

/// Finds out whether events of a type have some fields, without reading all events.
///
/// Most often the newest events of the range show it. If they do not, the whole range is read,
/// which the report itself does as well, and then the newest events of all time.
struct FieldSearch {
  let type: String
  let range: Range<Date>
  let connection: PostgresConnection

  var bounds = Bounds()
  /// The number of events from which names of fields are read.
  private static let namedMax = 10_000

  /// How many events are read at most.
  struct Bounds {
    /// In the range, at first.
    var first = 1000
    /// Of all time. Reading them takes about half a second.
    var newest = 1_000_000
  }

  /// Fields that none of the events read has.
  struct Missing {
    var names: [String]
    /// Whether all events of the type were read.
    var isCertain: Bool
  }

  /// - Returns: `nil` if no field is missing, or if there are no events to tell by.
  func missing(of names: [String]) async throws(PostgresError) -> Missing? {
    let first = try await seen(names, isInRange: true, newest: bounds.first)
    var missing = first.missing
    if !missing.isEmpty, first.events == bounds.first {
      missing = try await seen(missing, isInRange: true).missing
    }
    guard !missing.isEmpty else { return nil }
    let ever = try await seen(missing, isInRange: false, newest: bounds.newest)
    guard !ever.missing.isEmpty, ever.events > 0 else { return nil }
    return Missing(names: ever.missing, isCertain: ever.events < bounds.newest)
  }

  private func seen(
    _ names: [String], isInRange: Bool, newest: Int? = nil
  ) async throws(PostgresError) -> (events: Int, missing: [String]) {
    // Only an object has fields. In an array of texts, the operator would find elements.
    let missing = names.map { name -> SQL in
      """
      CASE WHEN bool_or(jsonb_typeof(e.data) = 'object' AND e.data ? \(name)) THEN NULL
           ELSE \(name) END
      """
    }
    let isInRange: SQL =
      isInRange
      ? " AND e.timestamp >= \(range.lowerBound) AND e.timestamp < \(range.upperBound)" : ""
    let order: SQL = newest.map { " ORDER BY e.timestamp DESC LIMIT \($0)" } ?? ""
    let row = try await connection.query(
      """
      SELECT count(*) AS events,
             array_remove(ARRAY[\(missing.joined(separator: ", "))], NULL) AS missing
      FROM (SELECT e.data FROM analytics_events AS e
            WHERE e.event_type = \(type)\(isInRange)\(order)) AS e
      """
    ).only()
    return (try row.decode(Int.self, "events"), try row.decode([String].self, "missing"))
  }

  /// Returns names of fields that events of the type have, for suggestions.
  func names() async throws(PostgresError) -> [String] {
    try await connection.query(
      """
      SELECT DISTINCT left(field.name, 100)
      FROM (SELECT e.data FROM analytics_events AS e WHERE e.event_type = \(type)
            ORDER BY e.timestamp DESC LIMIT \(min(bounds.newest, Self.namedMax))) AS e
      CROSS JOIN LATERAL jsonb_object_keys(
          CASE WHEN jsonb_typeof(e.data) = 'object' THEN e.data ELSE '{}' END) AS field (name)
      LIMIT 2000
      """
    ).values()
  }
}
