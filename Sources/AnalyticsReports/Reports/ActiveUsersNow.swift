internal import AnalyticsRollups
internal import AnalyticsText
public import Foundation

/// How many users were active up to now, by any event with a user.
///
/// Columns: `days`, of 24 hours each; `since`; `active_users`, or the name of another distinct
/// measure. In Prometheus, the rows are `users_active_1`, `_7`, `_30`, `_60` and `_90`.
public struct ActiveUsersNow: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "active-users-now"
  /// See ``CataloguedReport``.
  public static let summary =
    "How many users were active in the last 24 hours, and 7, 30, 60 and 90 times as long."
  /// See ``CataloguedReport``.
  public static let parameters: [ReportParameter] = [.zone] + Origin.parameters + [.of]

  /// The end of the windows. Events with a later time do not count.
  public var now: Date
  /// The lengths of the windows, in days of 24 hours; each from 1 to 36,500.
  public var days = [1, 7, 30, 60, 90]
  /// The services and environments whose events count.
  public var origin = Origin()
  /// The distinct measure to count in place of all users.
  public var distinctMeasure: DistinctMeasure?
  /// The time zone of `since`.
  public var zone = TimeZone.gmt

  /// Makes the report.
  public init(now: Date = Date()) { self.now = now }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(now: parameters.now)
    zone = try parameters.zone()
    origin = Origin(parameters)
    distinctMeasure = try parameters.distinctMeasure()
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    guard days.allSatisfy({ (1...36_500).contains($0) }) else {
      throw ReportError(
        .invalidParameter, parameter: "days", "each number of days must be from 1 to 36500")
    }
    return try await database.series { reader in
      let first = now.addingDays(-(days.max() ?? 1))
      try await reader.check(origin.filter, in: first..<now)
      let query = try await reader.query(distinctMeasure, where: origin.filter)
      let users = try await reader.members(query, now: now, days: days)
      return Series(
        name: Self.name, zone: zone,
        columns: [
          .init("days", .days), .init("since", .instant),
          distinctMeasure?.column(Series.Unit(of: query.source), besides: ["days", "since"])
            ?? .init("active_users", .users),
        ],
        rows: zip(days, users).map { days, users in
          [
            .integer(days), .instant(now.addingDays(-days)), .integer(users),
          ]
        })
    }
  }
}
