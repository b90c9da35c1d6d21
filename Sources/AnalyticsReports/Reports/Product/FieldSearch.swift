internal import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

/// Whether events of a type have some fields, without reading all events there are.
///
/// Most often the newest of the range show it. Where they do not, the range is read as a whole, which is
/// what the report itself reads, and then the newest of all time.
struct FieldSearch {
  let type: String
  let range: Range<Date>
  let connection: PostgresConnection

  var bounds = Bounds()
  /// Of how many events the names are read.
  private static let namedMax = 10_000

  /// How many events are read at most.
  struct Bounds {
    /// Of the range, at first.
    var first = 1000
    /// Of all time: half a second, about.
    var newest = 1_000_000
  }

  /// Fields that none of the events that were read has.
  struct Missing {
    var names: [String]
    /// Whether these are all events of the type.
    var isCertain: Bool
  }

  /// - Returns: `nil` if none is missing, or there is no event to tell by.
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
    var parameters = StatementParameters([.text(type)])
    var words = ["range": "", "newest": ""]
    if isInRange {
      let lower = parameters.add(.timestamptz(range.lowerBound))
      let upper = parameters.add(.timestamptz(range.upperBound))
      words["range"] = " AND e.timestamp >= \(lower) AND e.timestamp < \(upper)"
    }
    if let newest { words["newest"] = " ORDER BY e.timestamp DESC LIMIT \(newest)" }
    // Only an object has fields: an array of texts has elements, which the operator finds too.
    words["seen"] = names.map {
      "coalesce(bool_or(jsonb_typeof(e.data) = 'object' AND e.data ? "
        + "\(parameters.add(.text($0)))::text), false)"
    }.joined(separator: ", ")
    let row = try await connection.query(
      ReportStatement.fieldsSeen.text(words), parameters.values
    ).only()
    var missing: [String] = []
    for (index, name) in names.enumerated() where try !row.decode(Bool.self, at: index + 1) {
      missing.append(name)
    }
    return (try row.decode(Int.self, at: 0), missing)
  }

  /// Fields that events of the type have, to say what was meant.
  func names() async throws(PostgresError) -> [String] {
    var names: [String] = []
    let newest = String(min(bounds.newest, Self.namedMax))
    let sql = ReportStatement.fieldNames.text(["newest": newest])
    for row in try await connection.query(sql, [.text(type)]) {
      names.append(try row.decode(String.self, at: 0))
    }
    return names
  }
}
