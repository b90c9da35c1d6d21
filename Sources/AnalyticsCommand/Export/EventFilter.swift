import Analytics
import AnalyticsPostgres
import AnalyticsText
import ArgumentParser

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Which stored events a command reads by COPY.
///
/// COPY takes no parameters. The values are therefore bound to settings of the transaction first, and
/// the SQL of COPY reads those: it holds no value, and is the same for all of them.
struct EventFilter: Sendable {
  /// The first instant.
  var from: EventTimestamp?
  /// The first instant that is not wanted any more.
  var to: EventTimestamp?
  /// Which types; all if empty.
  var types: [String] = []
  /// The only service.
  var service: String?
  /// The only user.
  var user: UUID?

  /// Binds the values for the transaction under way. `SET LOCAL` by its function: it takes parameters.
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

  /// What holds of the events, over columns without a qualifier. It needs ``bind(on:)`` before it.
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

  /// The types that an option names, between commas; none without the option.
  ///
  /// - Throws: For an option that names none: an empty list would mean all.
  static func types(_ option: String?) throws(ValidationError) -> [String] {
    guard let option else { return [] }
    let types = option.split(at: ",").map { String($0) }
    guard !types.isEmpty else { throw ValidationError("--type names no type") }
    return types
  }
}

extension EventTimestamp {
  /// Reads an argument: RFC 3339, or a day, which begins at midnight UTC.
  static func parsing(_ argument: String) throws(ValidationError) -> EventTimestamp {
    guard let value = Self(timeOrDay: argument) else {
      throw ValidationError("expected a time such as 2026-01-31T08:00:00Z, or a day")
    }
    return value
  }
}
