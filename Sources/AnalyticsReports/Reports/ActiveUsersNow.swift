internal import AnalyticsCatalogue
public import Foundation

/// How many users were active lately, up to this moment: by any event with a user.
///
/// Columns: `days`, each of 24 hours; `since`; `active_users`, or the name of another distinct measure. As Prometheus has them, the rows are
/// `users_active_1`, `_7`, `_30`, `_60` and `_90`.
public struct ActiveUsersNow: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "active-users-now"
  /// See ``CataloguedReport``.
  public static let explanation =
    "How many users were active in the last 24 hours, and 7, 30, 60 and 90 times as long."
  /// See ``CataloguedReport``.
  public static let parameters: [ReportParameter] = [.zone] + Origin.parameters + [.of]

  /// Where the windows end. Events dated later do not count.
  public var now: Date
  /// How long they are, in days of 24 hours; at least 1 each.
  public var days = [1, 7, 30, 60, 90]
  /// Which events count, by where they come from.
  public var origin = Origin()
  /// Who or what is counted in place of all users.
  public var of: DistinctMeasure?
  /// Whose clock `since` is told by.
  public var zone = TimeZone.gmt

  /// Makes the report.
  public init(now: Date = Date()) { self.now = now }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(now: parameters.now)
    zone = try parameters.zone()
    origin = Origin(parameters)
    of = try parameters.distinctMeasure()
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    guard days.allSatisfy({ (1...36_500).contains($0) }) else {
      throw ReportError(.invalidParameter, parameter: "days", "days are 1 to 36500")
    }
    return try await database.series { reader in
      let first = now.addingTimeInterval(-Double(days.max() ?? 1) * 86_400)
      try await reader.check(origin.filter, in: first..<now)
      let query = try await reader.query(of, where: origin.filter)
      let users = try await reader.members(query, now: now, days: days)
      return Series(
        name: Self.name, zone: zone,
        columns: [
          .init("days", .days), .init("since", .instant),
          of?.column(Series.Unit(of: query.source), besides: ["days", "since"])
            ?? .init("active_users", .users),
        ],
        rows: zip(days, users).map { days, users in
          [
            .integer(days), .instant(now.addingTimeInterval(-Double(days) * 86_400)),
            .integer(users),
          ]
        })
    }
  }
}
