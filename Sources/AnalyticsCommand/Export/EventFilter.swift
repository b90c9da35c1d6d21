import Analytics
import AnalyticsPostgres
import AnalyticsText
import ArgumentParser

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A filter for the stored events that a command reads with COPY.
///
/// COPY takes no parameters. The values are therefore bound to settings of the transaction, which
/// the SQL of COPY reads. The SQL contains no values, and depends only on which filters are set.
struct EventFilter: Sendable {
  /// The first instant, inclusive.
  var from: EventTimestamp?
  /// The end, exclusive.
  var to: EventTimestamp?
  /// The types; all if empty.
  var types: [String] = []
  /// The only service; `nil` for all.
  var service: String?
  /// The only user; `nil` for all.
  var user: UUID?

  /// Binds the values for the current transaction. Uses the function of `SET LOCAL`, since that
  /// takes parameters.
  func bind(on connection: PostgresConnection) async throws(PostgresError) {
    _ = try await connection.query(
      """
      SELECT set_config('analytics.filter_from', \(from?.description ?? ""), true),
             set_config('analytics.filter_to', \(to?.description ?? ""), true),
             set_config('analytics.filter_types', \(types)::text, true),
             set_config('analytics.filter_service', \(service ?? ""), true),
             set_config('analytics.filter_user', \(user?.uuidString ?? ""), true)
      """)
  }

  /// The condition over unqualified columns. ``bind(on:)`` has to be called first, in the same
  /// transaction.
  var condition: SQL {
    var conditions: [SQL] = []
    func add(_ isAsked: Bool, _ condition: SQL) { if isAsked { conditions.append(condition) } }
    add(from != nil, "timestamp >= current_setting('analytics.filter_from')::timestamptz")
    add(to != nil, "timestamp < current_setting('analytics.filter_to')::timestamptz")
    add(
      !types.isEmpty, "event_type = ANY (current_setting('analytics.filter_types')::text[])")
    add(service != nil, "service = current_setting('analytics.filter_service')")
    add(user != nil, "user_id = current_setting('analytics.filter_user')::uuid")
    return conditions.isEmpty ? "true" : conditions.joined(separator: " AND ")
  }

  /// The types in an option, separated by commas; empty without the option.
  ///
  /// - Throws: If the option names no type: an empty list would mean all types.
  static func types(_ option: String?) throws(ValidationError) -> [String] {
    guard let option else { return [] }
    let types = option.split(at: ",").map { String($0) }
    guard !types.isEmpty else { throw ValidationError("--type names no type") }
    return types
  }
}

extension EventTimestamp {
  /// Parses an argument: RFC 3339, or a day, which begins at midnight UTC.
  static func parsing(_ argument: String) throws(ValidationError) -> EventTimestamp {
    guard let value = Self(timeOrDay: argument) else {
      throw ValidationError("expected a time such as 2026-01-31T08:00:00Z, or a day")
    }
    return value
  }
}
