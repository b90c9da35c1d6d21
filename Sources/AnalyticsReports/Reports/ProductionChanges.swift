internal import AnalyticsRollups
internal import AnalyticsText
public import Foundation

/// The number of recent changes in production: events in production environments.
///
/// Columns: `days` (30, 60, 90, of 24 hours each), `since`, `changes` in events.
public struct ProductionChanges: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "production-changes"
  /// See ``CataloguedReport``.
  public static let summary =
    "How many changes there were in production in the last 30, 60 and 90 days."
  /// See ``CataloguedReport``.
  public static let parameters: [ReportParameter] = [.production, .service, .zone]

  /// The end of the windows.
  public var now: Date
  /// The environments that are production.
  public var environments = ["production"]
  /// Only events of these services; empty for all.
  public var services: [String] = []
  /// The time zone of `since`.
  public var zone = TimeZone.gmt

  /// Makes the report.
  public init(now: Date = Date()) { self.now = now }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(now: parameters.now)
    zone = try parameters.zone()
    services = parameters.texts(.service)
    let given = parameters.texts(.production)
    if !given.isEmpty { environments = given }
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let days = [30, 60, 90]
      let starts = days.map { now.addingDays(-$0) }
      try await reader.check(production: environments, in: starts[2]..<now)
      try await reader.check(.of(("service", services)), in: starts[2]..<now)
      let changes = try await reader.figures(
        ["events"], of: .events, in: starts.map { $0..<now },
        where: .of(("environment", environments), ("service", services)))
      return Series(
        name: Self.name, zone: zone,
        columns: [.init("days", .days), .init("since", .instant), .init("changes", .events)],
        rows: days.indices.map { index in
          [
            .integer(days[index]), .instant(starts[index]),
            .integer(changes[[], index].count("events")),
          ]
        })
    }
  }
}

extension RollupReader {
  /// Refuses environments that no event ever named, except `production`, which is the default.
  mutating func check(production environments: [String], in range: Range<Date>) async throws {
    let others = environments.filter { !$0.isSame(as: "production") }
    try await check(.of(("environment", others)), in: range)
  }
}

extension ReportParameter {
  static let production = ReportParameter(
    "environment", .text("name"), "an environment that is production; by default production",
    isRepeatable: true)
}
