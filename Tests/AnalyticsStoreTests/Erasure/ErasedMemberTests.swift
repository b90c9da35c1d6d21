import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

/// Erasures keep the numbers by which sets identify members.
@Suite("Members after an erasure", .timeLimit(.minutes(60)))
struct ErasedMemberTests {
  @Test("an erased member's number is not reused")
  func numbers() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      func see(_ user: UUID) async throws -> Int {
        let event = EnrichedEvent(
          timestamp: EventTimestamp(microsecondsSinceUnixEpoch: 1_788_307_200_000_000),
          event: .projectUpdated(projectID: UUID(), userID: user), hostname: nil,
          environment: nil)
        _ = try await sink.write(.encoding([event], ids: [UUID()]))
        try await store.connection.rollUp()
        return try await store.scalar(
          "SELECT number FROM analytics_users WHERE user_id = $1", [.uuid(user)])
      }
      let (first, second) = (UUID(), UUID())
      let numbers = [try await see(first), try await see(second)]
      try await store.erasure.erase(second)
      #expect(try await see(UUID()) > numbers.max() ?? 0)
      #expect(try await store.rollups.verify() == [])
    }
  }

  @Test("a long text is erased beyond the 200 characters that are kept, too")
  func longText() async throws {
    try await withStore { store in
      try await store.migrateWithCheckouts()
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      let person = UUID()
      for lead in [20, 180, 195] {
        let text =
          String(repeating: "k", count: lead) + " \(person.uuidString) "
          + String(repeating: "l", count: 120)
        let event = EnrichedEvent(
          timestamp: EventTimestamp(microsecondsSinceUnixEpoch: 1_788_307_200_000_000),
          event: .custom(
            DynamicEvent(type: "checkout", userID: UUID(), fields: ["friend": .string(text)])),
          hostname: nil, environment: nil)
        _ = try await sink.write(.encoding([event], ids: [UUID()]))
      }
      try await store.connection.rollUp()
      _ = try await store.erasure.erase(person)
      let rest = String(person.uuidString.lowercased().prefix(4))
      #expect(
        try await store.scalar(
          "SELECT count(*) FROM analytics_members_kept WHERE member ILIKE '%k ' || $1 || '%'",
          [.text(rest)]) == 0)
      #expect(
        try await store.scalar(
          "SELECT count(*) FROM analytics_rollup_checkouts_friends WHERE member LIKE 'kkk%'") == 3)
      try await store.expectAgreement()
    }
  }
}
