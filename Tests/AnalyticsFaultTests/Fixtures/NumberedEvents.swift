import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Logging
import Testing

/// Prepares a database for the sink.
func migrate(_ url: String) async throws {
  try await Migrator(AnalyticsDatabase(url: url), logger: silentLogger).apply()
}

func withConnection<Value>(
  _ url: String, _ body: (PostgresConnection) async throws -> Value
) async throws -> Value {
  try await PostgresConnection.withConnection(to: PostgresConfiguration(url: url), body)
}

func eventCount(_ url: String) async throws -> Int {
  try await withConnection(url) {
    try await $0.query("SELECT count(*) FROM analytics_events").only().decode(at: 0)
  }
}

/// Compares the events that the subjects' calls of `track` accepted with the rows of the table. It does not use the
/// library.
///
/// The events of each thread of each life must be stored once, without a gap, from the first to the last accepted one.
/// One more event may be stored: its call of `track` had not returned.
///
/// - Returns: The number of accepted events.
@discardableResult
func expectStoredOnce(_ lives: [SubjectProcess.Life], in url: String) async throws -> Int {
  struct Thread: Hashable {
    var incarnation: Int
    var thread: Int
  }
  let rows = try await withConnection(url) {
    try await $0.query(
      """
      SELECT (data->>'incarnation')::bigint, (data->>'thread')::bigint, count(*),
        count(DISTINCT (data->>'sequence')::bigint), min((data->>'sequence')::bigint),
        max((data->>'sequence')::bigint)
      FROM analytics_events WHERE event_type = 'service_subject' GROUP BY 1, 2
      """)
  }
  var stored: [Thread: [Int]] = [:]
  for row in rows {
    let thread = Thread(
      incarnation: try row.decode(Int.self, at: 0), thread: try row.decode(Int.self, at: 1))
    stored[thread] = try (2..<6).map { try row.decode(Int.self, at: $0) }
  }
  var acceptedInAll = 0
  for life in lives {
    for (number, accepted) in life.accepted.enumerated() {
      acceptedInAll += accepted
      let thread = Thread(incarnation: life.incarnation, thread: number)
      let found = stored.removeValue(forKey: thread) ?? [0, 0, 1, 0]
      let place = "life \(life.incarnation), thread \(number), accepted \(accepted): \(found)"
      #expect(found[0] == found[1], "stored twice: \(place)")
      #expect(found[1] == found[3] && found[2] == 1, "events are missing: \(place)")
      #expect((accepted...accepted + 1).contains(found[3]), "not the accepted events: \(place)")
    }
  }
  #expect(stored.isEmpty, "events of lives that did not run: \(stored.keys)")
  return acceptedInAll
}
