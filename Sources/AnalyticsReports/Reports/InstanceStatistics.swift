internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import AnalyticsText
public import Foundation

/// How one installation is used, in one row.
///
/// Columns: `users`, ever seen; `environments`, ever named by an event; `active_users_7`, `_30`,
/// `_60`, `_90`, active by any event with a user in that many times 24 hours;
/// `production_changes_30`, `_60`, `_90`, events in production environments; `client_apps_allTime`,
/// `_30d`, `_7d`, registered applications by when they were last seen.
public struct InstanceStatistics: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "instance-statistics"
  /// See ``CataloguedReport``.
  public static let summary =
    "What this installation is used for: users, environments, activity, changes, applications."
  /// See ``CataloguedReport``.
  public static let parameters: [ReportParameter] = [.production, .zone]

  /// The instant that the report is about.
  public var now: Date
  /// The environments that are production.
  public var environments = ["production"]
  /// The time zone of the result; it changes no figure.
  public var zone = TimeZone.gmt

  /// Makes the report.
  public init(now: Date = Date()) { self.now = now }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(now: parameters.now)
    zone = try parameters.zone()
    let given = parameters.texts(.production)
    if !given.isEmpty { environments = given }
  }

  private static let activeDays = [7, 30, 60, 90]
  private static let changeDays = [30, 60, 90]

  /// What the columns count.
  private static let counted: [Figure] =
    [.users, .environments] + activeDays.map { Figure.activeUsers(days: $0) }
    + changeDays.map { Figure.productionChanges(days: $0) }
    + [.clientApplications(days: nil), .clientApplications(days: 30), .clientApplications(days: 7)]

  /// The names of the columns.
  public static let figures = counted.map(\.name)

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let year = now.addingDays(-366)..<now
      try await reader.check(production: self.environments, in: year)
      let users = try await reader.usersEver()
      let environments: Int = try await reader.connection.query(
        "SELECT count(DISTINCT environment) FROM stat_environment_updates"
      ).value()
      let active = try await reader.members(.users(), now: now, days: Self.activeDays)
      let changes = try await reader.figures(
        ["events"], of: .events, in: Self.changeDays.map { now.addingDays(-$0)..<now },
        where: [("environment", self.environments)])
      let applications = try await ClientAppsTotal.read(on: reader.connection, now: now)
      let values =
        [users, environments] + active
        + Self.changeDays.indices.map { changes[[], $0].count("events") }
        + [applications.allTime, applications.last30Days, applications.last7Days]
      return Series(
        name: Self.name, zone: zone, columns: Self.counted.map { .init($0.name, $0.unit) },
        rows: [values.map(Series.Value.integer)])
    }
  }

  /// Reads the figures, each with what it counts.
  package func values(
    from database: ReportDatabase
  ) async throws(ReportError) -> [(figure: Figure, value: Int)] {
    let row = try await series(from: database).rows.first ?? []
    return zip(Self.counted, row).compactMap { figure, value in
      value.integer.map { (figure: figure, value: $0) }
    }
  }
}

extension InstanceStatistics {
  /// What a column counts; days have 24 hours each.
  package enum Figure: Hashable, Sendable {
    case users
    case environments
    case activeUsers(days: Int)
    case productionChanges(days: Int)
    /// Registered applications that were seen in the last `days` days; `nil` for all.
    case clientApplications(days: Int?)
  }
}

extension InstanceStatistics.Figure {
  /// The name of the column.
  package var name: String {
    switch self {
    case .users: "users"
    case .environments: "environments"
    case .activeUsers(let days): "active_users_\(days)"
    case .productionChanges(let days): "production_changes_\(days)"
    case .clientApplications(let days): "client_apps_" + (days.map { "\($0)d" } ?? "allTime")
    }
  }

  fileprivate var unit: Series.Unit {
    switch self {
    case .users, .activeUsers: .users
    case .productionChanges: .events
    case .environments, .clientApplications: .distinct
    }
  }
}
