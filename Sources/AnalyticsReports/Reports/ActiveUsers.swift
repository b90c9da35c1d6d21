internal import AnalyticsCatalogue

/// How many users were active: by any event with a user.
///
/// Columns: time; `active_users`, distinct in the piece; `total_events`, those with a user;
/// `new_users`, of whom there was never an event before, wherever from, and `returning_users`, the
/// others. By day also `weekly_active_users` and `monthly_active_users`, distinct in the 7 and 30 whole local days
/// that end with the day, and `stickiness`, a day's users of its month's.
public struct ActiveUsers: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "active-users"
  /// See ``CataloguedReport``.
  public static let explanation =
    "How many users were active, new and returning; by day also over 7 and 30 days."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.frame + Origin.parameters + [.details]

  /// The range, its pieces, and whose days they are.
  public var frame: TimeFrame
  /// Which events count, by where they come from.
  public var origin = Origin()
  /// Whether there is more than `active_users` and `total_events`.
  public var hasDetails = true

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame())
    origin = Origin(parameters)
    hasDetails = try parameters.flag(.details, default: true)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let filter = origin.filter
      try await reader.check(filter, in: frame.range)
      let events = try await reader.figures(
        ["user_events"], of: .events, in: frame.ranges, where: filter)
      var columns: [(Series.Column, [Series.Value])] = []
      func add(_ name: String, _ unit: Series.Unit, _ values: [Series.Value]) {
        columns.append((.init(name, unit), values))
      }
      let windows = hasDetails && frame.granularity == .day ? [7, 30] : []
      let presence = try await reader.presence(
        "users", of: .activity, in: frame, windows: windows, where: filter)
      let users = frame.buckets.indices.map { presence.counts([], $0) }
      add("active_users", .users, users.map { .integer($0.piece) })
      add(
        "total_events", .events,
        users.indices.map { .integer(events[[], $0].count("user_events")) })
      if !windows.isEmpty {
        add("weekly_active_users", .users, users.map { .integer($0.windows[0]) })
        add("monthly_active_users", .users, users.map { .integer($0.windows[1]) })
        add("stickiness", .ratio, users.map { .ratio($0.piece, of: $0.windows[1]) })
      }
      if hasDetails {
        let new = try await reader.newUsers(frame, where: filter)
        add("new_users", .users, new.map(Series.Value.integer))
        add("returning_users", .users, zip(users, new).map { .integer($0.piece - $1) })
      }
      return Series.overTime(
        Self.name, frame, columns: columns.map(\.0)
      ) { _, piece in columns.map { $0.1[piece] } }
    }
  }
}

extension ReportParameter {
  static let details = ReportParameter(
    "details", "true|false", "whether to show more than active users and events; by default true")
}
