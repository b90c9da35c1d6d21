import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation

/// Random events of every kind that rollups count.
struct RollupEvents {
  private var random: SeededGenerator
  private let users: [UUID]

  init(seed: UInt64, users: Int = 40) {
    var random = SeededGenerator(seed: seed)
    self.users = (0..<users).map { _ in random.uuid() }
    self.random = random
  }

  /// 2026-09-01, in microseconds since 1970.
  static let start: Int64 = 1_788_220_800_000_000

  /// Events in random order, within some days from ``start``.
  mutating func events(_ count: Int, days: Int = 5) -> [EnrichedEvent] {
    (0..<count).map { _ in
      let second = Int64.random(in: 0..<Int64(days) * 86_400, using: &random)
      return EnrichedEvent(
        timestamp: EventTimestamp(
          microsecondsSinceUnixEpoch: Self.start + second * 1_000_000
            + Int64.random(in: 0..<1_000_000, using: &random)),
        event: event(), hostname: nil,
        environment: [nil, "production", "staging"][Int.random(in: 0..<3, using: &random)])
    }
  }

  mutating func ids(_ count: Int) -> [UUID] { (0..<count).map { _ in random.uuid() } }

  private mutating func user() -> UUID { users[Int.random(in: 0..<users.count, using: &random)] }
  private mutating func number(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

  /// A duration of zero, a small one, or a large one.
  private mutating func duration() -> Int {
    number(10) == 0 ? 0 : number(3) == 0 ? number(60) : number(100_000)
  }

  private mutating func event() -> AnalyticsEvent {
    let provider = ["github", "gitlab", "slack"][number(3)]
    switch number(14) {
    case 0: return .taskCreated(taskID: random.uuid(), userID: user(), command: "ls")
    case 1:
      return .taskCompleted(
        taskID: random.uuid(), userID: user(), durationMS: duration(), exitCode: 0)
    case 2:
      return .taskFailed(taskID: random.uuid(), userID: user(), error: "no")
    case 3:
      return .integrationUsed(
        integrationID: random.uuid(), userID: user(), provider: provider, action: "push")
    case 4:
      return .integrationError(
        integrationID: random.uuid(), userID: user(), provider: provider, error: "no")
    case 5:
      return .authLoginAttempt(userID: user(), email: "a@example.com", success: number(2) == 0)
    case 6: return .authTokenRefresh(userID: user(), success: number(3) > 0)
    case 7: return .cocoonConnected(cocoonID: users[number(5)], userID: user())
    case 8: return .cocoonDisconnected(cocoonID: users[number(5)], durationSeconds: duration())
    case 9:
      return .applicationError(
        service: "web", errorType: "E\(number(3))", errorMessage: "message \(number(9))",
        userID: user())
    case 10:
      return .databaseQuery(service: "web", queryType: "select", durationMS: duration())
    case 11:
      return .webhookProcessed(
        provider: provider, eventType: "push", deliveryID: "d", success: number(2) == 0,
        durationMS: duration())
    default:
      return .apiRequest(
        service: "web", endpoint: "/e\(number(4))", method: "GET",
        statusCode: UInt16([200, 404, 500][number(3)]), durationMS: duration(),
        userID: number(2) == 0 ? user() : nil)
    }
  }
}

extension EnrichedEvent {
  /// The event in its stored form, with an id.
  var stored: StoredEvent {
    get throws {
      var stored: [StoredEvent] = []
      try EventBatch.encoding([self], ids: [UUID()]).forEachRow { stored.append(StoredEvent($0)) }
      return stored[0]
    }
  }
}

extension StoreFixture {
  /// Stores events in batches, as a worker does.
  func store(
    _ events: [EnrichedEvent], ids: [UUID], batchSize: Int = 200, with sink: PostgresEventSink
  ) async throws {
    for start in stride(from: 0, to: events.count, by: batchSize) {
      let range = start..<min(start + batchSize, events.count)
      _ = try await sink.writeInTheEnd(
        try EventBatch.encoding(Array(events[range]), ids: Array(ids[range])))
    }
  }

  var rollups: RollupUpkeep { RollupUpkeep(AnalyticsDatabase(configuration)) }

  /// All rows of a relation as sorted text. Pending and rolled-up rows have the same text.
  func rows(_ relation: String) async throws -> [String] {
    try await connection.query(
      "SELECT (to_jsonb(r) - '_is_pending')::text FROM \(relation) AS r ORDER BY 1"
    ).map {
      try $0.decode(String.self, at: 0)
    }
  }
}
