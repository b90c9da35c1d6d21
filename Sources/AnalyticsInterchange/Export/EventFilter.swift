package import Analytics
package import AnalyticsPostgres

#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

/// A filter for the stored events that a command reads with COPY.
///
/// COPY takes no parameters. The values are therefore bound to settings of the transaction, which
/// the SQL of COPY reads. The SQL contains no values, and depends only on which filters are set.
package struct EventFilter: Sendable {
  /// The first instant, inclusive.
  package var from: EventTimestamp?
  /// The end, exclusive.
  package var to: EventTimestamp?
  /// The types; all if empty.
  package var types: [String] = []
  /// The only service; `nil` for all.
  package var service: String?
  /// The only user; `nil` for all.
  package var user: UUID?

  package init(
    from: EventTimestamp? = nil, to: EventTimestamp? = nil, types: [String] = [],
    service: String? = nil, user: UUID? = nil
  ) {
    (self.from, self.to, self.types) = (from, to, types)
    (self.service, self.user) = (service, user)
  }

  /// Binds the values for the current transaction. Uses the function of `SET LOCAL`, since that
  /// takes parameters.
  package func bind(on connection: PostgresConnection) async throws(PostgresError) {
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
  package var condition: SQL {
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
}
