import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

/// A person to be erased, with events that mention the person in more places than `RollupEvents` do.
struct ErasedPerson {
  let id: UUID
  let address = "ada.lovelace+news@example.org"
  /// Texts that must not be found anywhere after the erasure.
  var texts: [String] {
    [
      id.uuidString.lowercased(), id.uuidString.lowercased().replacing("-", with: ""), address,
      "ssh ada", "Ada's engine", "difference", "the countess",
    ]
  }

  /// Events that mention the person in every possible place, from hour `hour` of 2026-09-02.
  func events(hour: Int64 = 0) -> [EnrichedEvent] {
    let text = id.uuidString
    let plain = text.replacing("-", with: "")
    let events: [(AnalyticsEvent, String?, String?)] = [
      (.taskCreated(taskID: UUID(), userID: id, command: "ssh ada@host"), nil, nil),
      (.projectCreated(projectID: UUID(), userID: id, name: "Ada's engine"), "staging", nil),
      (.cocoonRegistered(cocoonID: id, userID: id, deviceName: "difference"), nil, nil),
      (
        .authLoginAttempt(userID: id, email: address.uppercased(), success: true), "production",
        nil
      ), (.authLoginAttempt(email: address, success: false, error: "unknown"), nil, nil),
      (
        .applicationError(
          service: "web", errorType: "E0", errorMessage: "A sample: \(text) is not there",
          userID: UUID(), context: ["ids": [.string(plain)], text: ["of": .string(text)]]), nil,
        nil
      ),
      (
        .applicationError(
          service: "web", errorType: "E1", errorMessage: "A sample of the countess", userID: id),
        nil, nil
      ),
      (
        .apiRequest(
          service: "web", endpoint: "/users/\(text)/tasks", method: "GET", statusCode: 200,
          durationMS: 5), nil, "laptop-of-\(text)"
      ),
      (
        .apiRequest(
          service: "web", endpoint: text, method: "GET", statusCode: 404, durationMS: 7), text, text
      ), (.cocoonConnected(cocoonID: id), "for-\(plain)", nil),
      (
        .custom(
          DynamicEvent(
            type: "checkout", userID: id,
            fields: [
              "amount": 7, "isFirst": true, "country": "GB", "card": "the countess",
              "address": ["street": "the countess"], "device": "difference",
            ])), nil, nil
      ),
      (
        .custom(
          DynamicEvent(
            type: "checkout", userID: UUID(),
            fields: ["amount": 9, "country": "GB", "device": "shared", "friend": .string(text)])),
        nil, nil
      ),
      (
        .custom(
          DynamicEvent(
            type: "checkout", userID: id,
            fields: ["amount": 4, "country": "FR", "device": "shared"])), nil, nil
      ),
    ]
    return events.enumerated().map { index, event in
      EnrichedEvent(
        timestamp: EventTimestamp(
          microsecondsSinceUnixEpoch: (1_788_307_200 + hour * 3600 + Int64(index) * 420)
            * 1_000_000), event: event.0, hostname: event.2, environment: event.1)
    }
  }

  /// A rollup with all kinds of measures that may contain data of a person.
  static let checkouts = Rollup(
    "checkouts", of: ["checkout"],
    by: [Dimension("country", .field("country")), Dimension("buyer", .userID)],
    measures: [
      Measure("checkouts", .count), Measure("by_users", .count, where: .hasUser),
      Measure("amount", .sum("amount"), where: .all([.hasUser, .isTrue("isFirst")])),
      Measure("largest", .max("amount"), where: .hasUser),
      Measure("amounts", .histogram("amount"), where: .hasUser),
      Measure("card", .sample("card")), Measure("first_card", .first("card")),
      Measure("buyers", .distinct(.userID)),
      Measure("devices", .distinct(.field("device"))),
      Measure("friends", .distinct(.field("friend"))),
    ])
}

extension StoreFixture {
  var erasure: UserErasure { UserErasure(AnalyticsDatabase(configuration)) }

  /// The places where texts occur: in any column of any table of the schema, as text, as bytes, or as a UUID's bytes,
  /// and in the planner's statistics. Chunks are read through their tables.
  func traces(of texts: [String]) async throws -> [String] {
    let bytes = texts.flatMap { [$0, $0.uppercased()] }.map { text in
      text.utf8.map { byte in
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      }.joined()
    }
    let patterns: PostgresParameter = .textArray((texts + bytes).map { "%\($0)%" })
    let tables = try await connection.query(
      """
      SELECT oid::regclass::text FROM pg_class
      WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
      """)
    var found: [String] = []
    for table in try tables.map({ try $0.decode(String.self, at: 0) }) {
      let count: Int = try await scalar(
        "SELECT count(*) FROM \(table) AS row WHERE row::text ILIKE ANY ($1)", [patterns])
      if count > 0 { found.append("\(table): \(count)") }
    }
    let statistics = try await connection.query(
      """
      SELECT tablename || '.' || attname FROM pg_stats AS row
      WHERE schemaname = current_schema() AND row::text ILIKE ANY ($1)
      """, [patterns])
    return found + (try statistics.map { "statistics of " + (try $0.decode(String.self, at: 0)) })
  }

  /// Checks that no trace of the person is left, and that figures equal those of the raw events.
  func expectErased(
    _ person: ErasedPerson, _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let traces = try await traces(of: person.texts)
    #expect(traces == [], comment, sourceLocation: sourceLocation)
    try await expectAgreement(comment, sourceLocation: sourceLocation)
  }

  func expectAgreement(
    _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let differences = try await rollups.verify()
    #expect(differences == [], comment, sourceLocation: sourceLocation)
  }

  func migrateWithCheckouts() async throws {
    try await Migrator(
      AnalyticsDatabase(configuration), engine: .plain, rollups: [ErasedPerson.checkouts],
      lockTimeout: .seconds(300)
    ).apply()
  }
}
