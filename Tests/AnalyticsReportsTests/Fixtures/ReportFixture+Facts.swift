import Analytics
import AnalyticsReports
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation

extension ReportFixture {
  /// Stores random events of a range, and returns them as facts.
  func storeFacts(
    _ count: Int, in range: Range<Date>, _ random: inout SeededGenerator
  ) async throws -> [Fact] {
    var source = RandomFacts(random, in: range)
    let events = source.events(count)
    random = source.random
    try await store(events, using: &random)
    return try events.map { try Fact($0, service: Self.service) }
  }
}

extension Origin {
  /// No filter, and some origins of each kind.
  static let tested = [
    Origin(), Origin(services: ["web"]), Origin(environments: ["production"]),
    Origin(services: [ReportFixture.service, "web"], environments: ["staging", ""]),
  ]

  /// The facts of an origin.
  func facts(of all: [Fact]) -> [Fact] {
    all.filter { fact in
      (services.isEmpty || services.contains(fact.service))
        && (environments.isEmpty || environments.contains(fact.environment ?? ""))
    }
  }
}

extension EnrichedEvent {
  /// An event that makes a user active.
  static func active(_ user: UUID, at date: Date) -> EnrichedEvent {
    .active(user, at: date.micros)
  }

  /// - Parameter instant: In microseconds since 1970.
  static func active(_ user: UUID, at instant: Int64) -> EnrichedEvent {
    EnrichedEvent(
      timestamp: EventTimestamp(microsecondsSinceUnixEpoch: instant),
      event: .projectUpdated(projectID: user, userID: user))
  }
}

extension Series {
  /// All values of a column.
  func values(_ column: String) -> [Value] {
    columns.firstIndex { $0.name == column }.map { index in rows.map { $0[index] } } ?? []
  }
}
