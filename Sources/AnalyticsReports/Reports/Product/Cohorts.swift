internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import AnalyticsText
public import Foundation

/// Users by the local day, week or month of their first event, and what share of each came back in
/// the periods after.
///
/// The range says which cohorts: every period that it touches, as a whole. The first event is that
/// of all time, or the first of a type; coming back is any event, or one of a type. Where no type is
/// named it is read from rollups, which outlive raw events. A period that has not begun yet has no
/// figure; the one that is under way has the figure so far.
public struct Cohorts: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "cohorts"
  /// See ``CataloguedReport``.
  public static let explanation =
    "Who came for the first time in a week, a day or a month, and what share came back later."
  /// See ``CataloguedReport``.
  public static let parameters =
    ReportParameter.frame + [.periods, .firstEvent, .returnEvent]

  /// Which cohorts; by day, week or month.
  public var frame: TimeFrame
  /// For how many periods each cohort is followed; 1 to ``periodsMax``.
  public var periods: Int
  /// Whose first event counts; `nil` for any.
  public var firstType: String?
  /// Which events are a return; `nil` for any.
  public var returnType: String?
  /// Periods that begin later have no figures.
  public var now: Date

  /// The most periods that a cohort is followed for.
  public static let periodsMax = 60
  /// The most cohorts.
  public static let cohortsMax = 400

  /// Makes a report.
  public init(
    in frame: TimeFrame, periods: Int = 8, firstType: String? = nil, returnType: String? = nil,
    now: Date = Date()
  ) {
    self.frame = frame
    self.periods = periods
    self.firstType = firstType
    self.returnType = returnType
    self.now = now
  }

  /// See ``CataloguedReport``. By default by week.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(
      in: try parameters.frame(by: .week),
      periods: try parameters.integer(.periods, in: 1...Self.periodsMax, default: 8),
      firstType: parameters.text(.firstEvent), returnType: parameters.text(.returnEvent),
      now: parameters.now)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    guard [.day, .week, .month].contains(frame.granularity) else {
      throw .invalid("granularity", "cohorts are kept by day, week or month")
    }
    guard (1...Self.periodsMax).contains(periods) else {
      throw .invalid("periods", "a cohort is followed for 1 to \(Self.periodsMax) periods")
    }
    guard frame.buckets.count <= Self.cohortsMax else {
      throw .invalid(
        "from", "\(frame.buckets.count) cohorts are too many: ask for \(Self.cohortsMax) at most")
    }
    let grid = Grid(frame, periods: periods)
    return try await database.series { reader in
      for (type, parameter) in [(firstType, "first_event"), (returnType, "return_event")] {
        guard let type else { continue }
        try await reader.check([("event_type", [type])], called: parameter, in: frame.range)
      }
      let users = try await counts(grid, on: reader.connection)
      note(grid, &reader)
      return Series(
        name: Self.name, range: frame.range, zone: frame.zone, columns: columns,
        rows: rows(users, grid))
    }
  }

  /// The local periods of cohorts and of those that follow.
  private struct Grid {
    /// Where each begins, and the last one ends.
    var bounds: [Date]
    var parts: [DayPart]
    /// Whether each begins with a quarter of an hour in UTC. All time zones of today do, local mean
    /// times of before 1972 do not.
    var isExact: Bool

    /// The part of a UTC day that belongs to one period.
    struct DayPart {
      /// Midnight UTC.
      var day: Date
      /// As `bit(96)` is written, the first quarter of an hour leftmost.
      var mask: String
      /// From 1 on.
      var period: Int64
    }

    init(_ frame: TimeFrame, periods: Int) {
      let calendar = ZoneCalendar(frame.zone)
      var bounds = [frame.buckets[0].start]
      for _ in 0..<frame.buckets.count + periods {
        bounds.append(calendar.start(after: bounds[bounds.count - 1], frame.granularity))
      }
      self.bounds = bounds
      isExact = bounds.allSatisfy {
        $0.timeIntervalSince1970.truncatingRemainder(dividingBy: 900) == 0
      }
      parts = []
      for (period, (start, end)) in zip(bounds, bounds.dropFirst()).enumerated() {
        var first = Int((start.timeIntervalSince1970 / 900).rounded(.down))
        let last = Int((end.timeIntervalSince1970 / 900).rounded(.down))
        while first < last {
          let day = first.dividedDown(by: 96)
          let quarters = first - day * 96..<min(96, last - day * 96)
          parts.append(
            DayPart(
              day: Date(timeIntervalSince1970: Double(day) * 86_400),
              mask: String((0..<96).map { quarters.contains($0) ? "1" : "0" }),
              period: Int64(period + 1)))
          first = (day + 1) * 96
        }
      }
    }
  }

  private var columns: [Series.Column] {
    [.init("cohort", .time(frame.granularity)), .init("users", .users)]
      + (1...periods).map { .init("period_\($0)", .ratio) }
  }

  /// By cohort, then by period; 0 is the cohort itself.
  private func counts(
    _ grid: Grid, on connection: PostgresConnection
  ) async throws(PostgresError) -> [[Int]] {
    var users = frame.buckets.map { _ in [Int](repeating: 0, count: periods + 1) }
    for row in try await connection.query(sql(grid)) {
      let cohort = try row.decode(Int.self, "cohort") - 1
      users[cohort][try row.decode(Int.self, "period")] = try row.decode(Int.self, "users")
    }
    return users
  }

  private func rows(_ users: [[Int]], _ grid: Grid) -> [[Series.Value]] {
    users.enumerated().map { cohort, users in
      let shares = (1...periods).map { period in
        grid.bounds[cohort + period] < now ? .ratio(users[period], of: users[0]) : Series.Value.null
      }
      return [.instant(grid.bounds[cohort]), .integer(users[0])] + shares
    }
  }

  private func note(_ grid: Grid, _ reader: inout RollupReader) {
    if firstType == nil || returnType == nil {
      let end = grid.bounds[grid.bounds.count - 1]
      if let part = grid.parts.first { _ = reader.cover([part.day..<end], of: .activity) }
      if firstType == nil { reader.lookForPending(.activity, before: end) }
      if !grid.isExact {
        reader.note("periods that begin within a quarter of an hour are exact to that quarter")
      }
    }
    if let firstType {
      reader.noteDropped(
        from: .distantPast, "whose first \(firstType) was before is taken for new, or missing")
    }
    if let returnType {
      reader.noteDropped(from: grid.bounds[0], "\(returnType) before is not seen as a return")
    }
  }
}

// MARK: - SQL

extension Cohorts {
  private func sql(_ grid: Grid) -> SQL {
    """
    WITH first AS MATERIALIZED (\(first(grid))),
    \(seen(grid)),
    back AS (
        SELECT DISTINCT first.cohort, seen.period - first.cohort AS period, first.user_id
        FROM first JOIN seen USING (user_id)
        WHERE seen.period > first.cohort AND seen.period <= first.cohort + \(periods)
    )
    SELECT cohort, 0 AS period, count(*) AS users FROM first GROUP BY cohort
    UNION ALL
    SELECT cohort, period, count(*) FROM back GROUP BY cohort, period
    """
  }

  /// Who came for the first time in which cohort, from 1 on.
  private func first(_ grid: Grid) -> SQL {
    let end = grid.bounds[frame.buckets.count]
    guard let firstType else {
      // Who was ever there is known by the UTC day, and on that day by the quarter of an hour.
      return """
        SELECT user_id, cohort
        FROM analytics_users AS u
        JOIN analytics_rollup_activity_users AS m ON m.member = u.user_id AND m.day = u.first_day
        CROSS JOIN LATERAL width_bucket(
            m.day + (position(B'1' IN m.quarters) - 1) * interval '15 minutes', \(grid.bounds))
            AS cohort
        WHERE u.first_day > \(grid.bounds[0]) - interval '1 day' AND u.first_day < \(end)
          AND m.day > \(grid.bounds[0]) - interval '1 day' AND m.day < \(end)
          AND cohort BETWEEN 1 AND \(frame.buckets.count)
        """
    }
    return """
      SELECT e.user_id, width_bucket(min(e.timestamp), \(grid.bounds)) AS cohort
      FROM analytics_events AS e
      WHERE e.timestamp < \(end) AND e.user_id IS NOT NULL AND e.event_type = \(firstType)
      GROUP BY e.user_id
      HAVING min(e.timestamp) >= \(grid.bounds[0])
      """
  }

  /// Who was there in which period, from 1 on.
  private func seen(_ grid: Grid) -> SQL {
    guard let returnType else {
      // Each local period is a few parts of UTC days, with the quarters of an hour that belong to it.
      return """
        part AS MATERIALIZED (
            SELECT day, mask::bit(96) AS mask, period
            FROM unnest(\(grid.parts.map(\.day)), \(grid.parts.map(\.mask)),
                        \(grid.parts.map(\.period))) AS part (day, mask, period)
        ), seen AS (
            SELECT m.member AS user_id, part.period
            FROM part JOIN analytics_rollup_activity_users AS m USING (day)
            WHERE m.quarters & part.mask <> 0::bit(96)
              AND m.day >= \(grid.parts.map(\.day).min()) AND m.day <= \(grid.parts.map(\.day).max())
        )
        """
    }
    return """
      seen AS (
          SELECT DISTINCT e.user_id, width_bucket(e.timestamp, \(grid.bounds))::bigint AS period
          FROM analytics_events AS e
          WHERE e.timestamp >= \(grid.bounds[0])
            AND e.timestamp < \(grid.bounds[grid.bounds.count - 1])
            AND e.user_id IS NOT NULL AND e.event_type = \(returnType)
      )
      """
  }
}

extension ReportParameter {
  static let periods = ReportParameter(
    "periods", "number", "for how many periods each cohort is followed; by default 8")
  static let firstEvent = ReportParameter(
    "first_event", "type", "whose first event of this type it was; by default any")
  static let returnEvent = ReportParameter(
    "return_event", "type", "which events are a return; by default any")
}
