internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import AnalyticsText
public import Foundation

/// The current state, in one row.
///
/// Columns:
/// - `total_users`: users ever seen.
/// - `active_users_today`: users active since midnight.
/// - `active_users_week`, `active_users_month`: users active in the last 7 and 30 times 24 hours.
/// - `total_tasks`, `tasks_today`: tasks created.
/// - `task_success_rate`: of the tasks that ever completed or failed, the share that completed.
///   Tasks that were cancelled or still run do not count. There is no figure if no task completed
///   or failed.
/// - `total_cocoons`: distinct, ever registered or connected.
/// - `active_cocoons`: distinct, connected in the last 24 hours.
/// - `total_integrations`: distinct, ever connected. An integration that was connected twice
///   counts once.
public struct Overview: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "overview"
  /// See ``CataloguedReport``.
  public static let summary =
    "The current totals: users, tasks, cocoons and integrations. A success rate is of tasks that completed or failed."
  /// See ``CataloguedReport``.
  public static let parameters: [ReportParameter] = [.zone] + Origin.parameters

  /// The instant that the report is about.
  public var now: Date
  /// Today begins at midnight in this time zone.
  public var zone = TimeZone.gmt
  /// The services and environments whose events count.
  public var origin = Origin()

  /// Makes the report.
  public init(now: Date = Date()) { self.now = now }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(now: parameters.now)
    zone = try parameters.zone()
    origin = Origin(parameters)
  }

  /// The tasks of all time.
  private static func tasksEver(_ filter: DimensionFilter) -> SQL {
    """
    SELECT coalesce(sum(created), 0)::float8 AS tasks,
           coalesce(sum(completed), 0)::float8 AS completed, coalesce(sum(failed), 0)::float8 AS failed
    FROM \(identifier: Rollup.tasks.dailyRelation)\(filter.condition)
    """
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let today = ZoneCalendar(zone).start(of: .day, containing: now)..<now
      let filter = origin.filter
      try await reader.check(filter, in: now.addingDays(-30)..<now)
      let ever = try await reader.connection.query(Self.tasksEver(filter)).only()
      let cocoonsEver = try await reader.membersEver(
        "registered_or_connected", of: .cocoons, where: filter, former: ("cocoons", before: 3))
      let integrationsEver = try await reader.membersEver(
        "connected", of: .integrations, where: filter)
      let usersEver = try await reader.usersEver(where: filter)
      let windows = [today] + [7, 30].map { now.addingDays(-$0)..<now }
      let (day, week, month) = (0, 1, 2)
      let users = try await reader.members(
        Measure.users.name, of: .activity, in: windows, where: filter)
      let tasks = try await reader.figures(["created"], of: .tasks, in: [today], where: filter)
      let cocoons = try await reader.members(
        "connected", of: .cocoons, in: [now.addingDays(-1)..<now], where: filter)
      for rollup in [Rollup.activity, .tasks, .cocoons, .integrations] {
        reader.warnAboutAllTime(of: rollup, by: filter.dimensions)
      }
      Self.warnAboutOlderDefinitions(by: filter.dimensions, &reader)
      let completed = try ever.decode(Double.self, "completed")
      let ended = completed + (try ever.decode(Double.self, "failed"))
      let figures: [(String, Series.Unit, Series.Value)] = [
        ("total_users", .users, .integer(usersEver)),
        ("active_users_today", .users, .integer(users[[], day])),
        ("active_users_week", .users, .integer(users[[], week])),
        ("active_users_month", .users, .integer(users[[], month])),
        ("total_tasks", .events, .integer(Int(try ever.decode(Double.self, "tasks")))),
        ("tasks_today", .events, .integer(tasks[[], 0].count("created"))),
        ("task_success_rate", .ratio, .optional(ended == 0 ? nil : completed / ended)),
        ("total_cocoons", .distinct, .integer(cocoonsEver)),
        ("active_cocoons", .distinct, .integer(cocoons[[], 0])),
        ("total_integrations", .distinct, .integer(integrationsEver)),
      ]
      return Series(
        name: Self.name, zone: zone, columns: figures.map { .init($0.0, $0.1) },
        rows: [figures.map(\.2)])
    }
  }

  /// Adds warnings about what totals contain of days that have figures of older definitions and no
  /// raw events any more.
  private static func warnAboutOlderDefinitions(
    by dimensions: [String], _ reader: inout RollupReader
  ) {
    let connected = reader.knownFrom("connected", of: .integrations)
    if connected > .min {
      reader.warn(
        "total_integrations counts integrations connected since \(RollupReader.text(connected)): "
          + "older definitions of the rollup integrations did not record connections")
    }
    let present = reader.knownFrom("registered_or_connected", of: .cocoons)
    // With a filter, days whose definition lacks its dimensions do not count at all. Another
    // warning says so.
    let hasDimensions = dimensions.allSatisfy { reader.knownFrom($0, of: .cocoons) < present }
    if present > .min, hasDimensions {
      reader.warn(
        "before \(RollupReader.text(present)) total_cocoons counts cocoons with any event: older "
          + "definitions of the rollup cocoons did not record which event it was")
    }
  }
}
