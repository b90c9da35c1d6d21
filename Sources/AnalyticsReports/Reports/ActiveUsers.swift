internal import AnalyticsRollups

/// How many users were active, by any event with a user.
///
/// Columns: time; `active_users`, distinct in the bucket; `total_events`, events with a user;
/// `new_users`, users who never had an event before, in any service or environment;
/// `returning_users`, the other active users. By day there are also `weekly_active_users` and
/// `monthly_active_users`, distinct in the 7 and 30 whole local days that end with the day, and
/// `stickiness`, the day's users divided by `monthly_active_users`.
public struct ActiveUsers: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "active-users"
  /// See ``CataloguedReport``.
  public static let summary =
    "How many users were active, new and returning; by day also over 7 and 30 days."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.frame + Origin.parameters + [.details]

  /// The range, its buckets and its time zone.
  public var frame: TimeFrame
  /// The services and environments whose events count.
  public var origin = Origin()
  /// Whether there are more columns than `active_users` and `total_events`.
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
      let windows = hasDetails && frame.granularity == .day ? [7, 30] : []
      let (counts, new): (WindowedCounts, [Int]?) =
        if hasDetails {
          try await reader.activity(in: frame, windows: windows, where: filter)
        } else {
          (
            try await reader.windowedCounts(
              Measure.users.name, of: .activity, in: frame, where: filter), nil
          )
        }
      var columns: [Series.Column] = [
        .init("active_users", .users), .init("total_events", .events),
      ]
      if !windows.isEmpty {
        columns += [
          .init("weekly_active_users", .users), .init("monthly_active_users", .users),
          .init("stickiness", .ratio),
        ]
      }
      if new != nil {
        columns += [.init("new_users", .users), .init("returning_users", .users)]
      }
      return Series.overTime(Self.name, frame, columns: columns) { _, bucket in
        let users = counts.counts([], bucket)
        let stickiness = users.windows.last.map { Series.Value.ratio(users.bucket, of: $0) }
        let numbers = [users.bucket, events[[], bucket].count("user_events")] + users.windows
        return numbers.map(Series.Value.integer) + [stickiness].compactMap(\.self)
          + (new.map { [.integer($0[bucket]), .integer(users.bucket - $0[bucket])] } ?? [])
      }
    }
  }
}

extension ReportParameter {
  static let details = ReportParameter(
    "details", .flag, "whether to show more than active users and events; by default true")
}
