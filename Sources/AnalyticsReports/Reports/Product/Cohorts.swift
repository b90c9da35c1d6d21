internal import AnalyticsPostgres
internal import AnalyticsRollups
public import Foundation

/// Cohort retention: users by the local day, week or month of their first event, and what share of
/// each cohort came back in the periods after.
///
/// There is a cohort for each period that the range touches, as a whole. The first event is the
/// first of all time, or the first of a type. Any event is a return, or any event of a type.
/// Figures that are not limited to a type are read from rollups, which outlive raw events. Instead
/// of users, the report can follow any distinct measure of a rollup: a value belongs to the cohort
/// of the first period that has it, and comes back in later periods that have it. A period that has
/// not begun has no figure. The current period has its figure so far, and `running_period` says
/// which one that is: 0 is the period of the cohort itself.
public struct Cohorts: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "cohorts"
  /// See ``CataloguedReport``.
  public static let summary =
    "Who came for the first time in a week, a day or a month, and what share came back later."
  /// See ``CataloguedReport``.
  public static let parameters =
    ReportParameter.frame + [.periods, .firstEvent, .returnEvent, .of]

  /// The range of the cohorts; by day, week or month.
  public var frame: TimeFrame
  /// For how many periods each cohort is followed; 1 to ``periodsMax``.
  public var periods: Int
  /// The type whose first event decides the cohort; `nil` for any.
  public var firstType: String?
  /// The type of events that count as a return; `nil` for any.
  public var returnType: String?
  /// The distinct measure to follow in place of users; not together with a type.
  public var distinctMeasure: DistinctMeasure?
  /// The current time. Periods that begin later have no figures.
  public var now: Date

  /// The maximum number of periods that a cohort is followed for.
  public static let periodsMax = 60
  /// The number of ``periods`` where none is given.
  public static let periodsDefault = 8
  /// The maximum number of cohorts.
  public static let cohortsMax = 400

  /// Makes a report.
  public init(
    in frame: TimeFrame, periods: Int = periodsDefault, firstType: String? = nil,
    returnType: String? = nil, now: Date = Date()
  ) {
    self.frame = frame
    self.periods = periods
    self.firstType = firstType
    self.returnType = returnType
    self.now = now
  }

  /// See ``CataloguedReport``. The default is by week.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(
      in: try parameters.frame(by: .week),
      periods: try parameters.integer(.periods) ?? Self.periodsDefault,
      firstType: parameters.text(.firstEvent), returnType: parameters.text(.returnEvent),
      now: parameters.now)
    distinctMeasure = try parameters.distinctMeasure()
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    guard [.day, .week, .month].contains(frame.granularity) else {
      throw .invalid("granularity", "cohorts require buckets of a day, week or month")
    }
    try ReportParameter.periods.check(periods)
    guard frame.buckets.count <= Self.cohortsMax else {
      throw .invalid(
        "from",
        "\(frame.buckets.count) cohorts are too many: choose a range with at most "
          + "\(Self.cohortsMax)")
    }
    guard distinctMeasure == nil || firstType == nil && returnType == nil else {
      throw .invalid("of", "of cannot be combined with first_event or return_event")
    }
    let grid = Grid(frame, periods: periods)
    return try await database.series { reader in
      for (type, parameter) in [(firstType, "first_event"), (returnType, "return_event")] {
        guard let type else { continue }
        try await reader.check([("event_type", [type])], called: parameter, in: frame.range)
      }
      let query = try await reader.query(distinctMeasure)
      let users =
        if distinctMeasure != nil {
          try await counts(query, grid, reader)
        } else {
          try await counts(grid, reader)
        }
      addWarnings(grid, query.rollup, &reader)
      return Series(
        name: Self.name, range: frame.range, zone: frame.zone,
        columns: columns(Series.Unit(of: query.source)),
        rows: rows(users, grid))
    }
  }

  /// The local periods of the cohorts, and those that follow.
  private struct Grid {
    /// The start of each period, and the end of the last one.
    var bounds: [Date] = []
    /// The bounds in microseconds since 2000.
    var instants: [Int64] { bounds.map { PostgresTimestamp($0).microseconds } }
    /// Whether each period begins at a quarter of an hour in UTC. This holds for all current time
    /// zones, but not for local mean times before 1972.
    var isExact: Bool { instants.allSatisfy { $0 % RangeCover.quarter == 0 } }

    init(_ frame: TimeFrame, periods: Int) {
      let calendar = ZoneCalendar(frame.zone)
      bounds = [frame.buckets[0].start]
      for _ in 0..<frame.buckets.count + periods {
        bounds.append(calendar.start(after: bounds[bounds.count - 1], frame.granularity))
      }
    }
  }

  /// The column that says which period of a cohort is not over.
  private static let runningPeriod = "running_period"

  private func columns(_ unit: Series.Unit) -> [Series.Column] {
    let cohort = Series.Column("cohort", .time(frame.granularity))
    let shares = (1...periods).map { Series.Column("period_\($0)", .ratio) }
    let users = distinctMeasure?.column(
      unit, besides: ["cohort", Self.runningPeriod] + shares.map(\.name))
    return [cohort, users ?? .init("users", .users)] + shares
      + [Series.Column(Self.runningPeriod, .period)]
  }

  private func rows(_ users: [[Int]], _ grid: Grid) -> [[Series.Value]] {
    users.enumerated().map { cohort, users in
      let shares = (1...periods).map { period in
        grid.bounds[cohort + period] < now ? .ratio(users[period], of: users[0]) : Series.Value.null
      }
      let running = (0...periods).first { period in
        grid.bounds[cohort + period] < now && grid.bounds[cohort + period + 1] > now
      }
      return [.instant(grid.bounds[cohort]), .integer(users[0])] + shares
        + [running.map(Series.Value.integer) ?? .null]
    }
  }

  private func addWarnings(_ grid: Grid, _ rollup: Rollup, _ reader: inout RollupReader) {
    if firstType == nil || returnType == nil {
      let end = grid.bounds[grid.bounds.count - 1]
      let start = grid.instants[0].floored(to: RangeCover.day)
      if let start = PostgresTimestamp(microseconds: start).date {
        _ = reader.cover([start..<end], of: rollup)
      }
      if firstType == nil { reader.warnAboutPending(rollup, before: end) }
      if let distinctMeasure {
        reader.warnAboutBeginning(of: rollup, after: .min)
        reader.warnAboutMissingMeasure(distinctMeasure.measure, of: rollup, after: .min)
      }
      if distinctMeasure == nil, !grid.isExact {
        reader.warn("periods that begin within a quarter of an hour are exact to that quarter")
      }
    }
    if let firstType {
      reader.warnAboutRetention(
        from: .distantPast,
        "a user whose first \(firstType) was earlier counts as new, or is missing")
    }
    if let returnType {
      reader.warnAboutRetention(
        from: grid.bounds[0], "an earlier \(returnType) does not count as a return")
    }
  }
}

extension Series {
  /// The positions of the periods of ``Cohorts`` that are not over: the column that has their
  /// numbers, and for each row the column with the figure of that period. `nil` if no column has
  /// the unit ``Series/Unit/period``.
  package var runningPeriods: (numbers: Int, figures: [Int?])? {
    guard let numbers = columns.firstIndex(where: { $0.unit == .period }) else { return nil }
    // The figure of period 0, the cohort itself, is in the column after the cohort's time.
    return (numbers, rows.map { row in row[numbers].integer.map { $0 + 1 } })
  }
}

// MARK: - Counting

extension Cohorts {
  /// Counts a distinct measure, from its sets alone. The result is by cohort and then by period;
  /// period 0 is the cohort itself.
  private func counts(
    _ query: MemberQuery, _ grid: Grid, _ reader: RollupReader
  ) async throws(PostgresError) -> [[Int]] {
    var users = frame.buckets.map { _ in [Int](repeating: 0, count: periods + 1) }
    // The whole past, and then each period.
    let bounds = [Self.beginning] + grid.instants
    let cover = reader.memberCover(zip(bounds, bounds.dropFirst()).map { $0..<$1 })
    // Sets by chunk, then by range.
    var chunks: [Int: [Int: MemberSet]] = [:]
    try await reader.sets(query, cover) { chunk in
      chunks[chunk.number, default: [:]].merge(chunk.sets) { $1 }
    } end: {
      for sets in chunks.values {
        var known = sets[0] ?? MemberSet()
        for cohort in users.indices {
          guard let present = sets[cohort + 1] else { continue }
          var new = present
          new.subtract(known)
          known.formUnion(present)
          users[cohort][0] += new.count
          for period in 1...periods {
            guard let later = sets[cohort + 1 + period] else { continue }
            users[cohort][period] += new.sharedCount(with: later)
          }
        }
      }
      chunks = [:]
    }
    return users
  }

  /// The first day of the year 1, before which no report has a range.
  private static let beginning = -730_119 * RangeCover.day

  /// Counts users. The result is by cohort and then by period; period 0 is the cohort itself.
  private func counts(
    _ grid: Grid, _ reader: RollupReader
  ) async throws(PostgresError) -> [[Int]] {
    var users = frame.buckets.map { _ in [Int](repeating: 0, count: periods + 1) }
    // Sets by chunk, then by cohort.
    var cohorts: [Int: [Int: MemberSet]] = [:]
    try await first(grid, reader) { cohort, chunk, set in
      cohorts[chunk, default: [:]][cohort, default: MemberSet()].formUnion(set)
      users[cohort][0] += set.count
    }
    try await seen(grid, reader) { chunk in
      guard let cohorts = cohorts[chunk.number] else { return }
      for (period, set) in chunk.sets {
        for cohort in max(0, period - periods)..<min(period, frame.buckets.count) {
          guard let members = cohorts[cohort] else { continue }
          users[cohort][period - cohort] += members.sharedCount(with: set)
        }
      }
    }
    return users
  }

  /// Calls `body` with the users of each cohort: the cohort, a chunk, and members of that chunk.
  private func first(
    _ grid: Grid, _ reader: RollupReader, _ body: (Int, Int, MemberSet) -> Void
  ) async throws(PostgresError) {
    guard let firstType else {
      // Users of a quarter of an hour count as if they came when it begins.
      let bounds = grid.instants.prefix(frame.buckets.count + 1)
        .map { -(-$0).floored(to: RangeCover.quarter) }
      return try await reader.firstSeen(in: zip(bounds, bounds.dropFirst()).map { $0..<$1 }, body)
    }
    let end = grid.bounds[frame.buckets.count]
    try await sets(
      of: """
        SELECT e.user_id AS _member, width_bucket(min(e.timestamp), \(grid.bounds)) - 1 AS _piece
        FROM analytics_events AS e
        WHERE e.timestamp < \(end) AND e.user_id IS NOT NULL AND e.event_type = \(firstType)
        GROUP BY e.user_id
        HAVING min(e.timestamp) >= \(grid.bounds[0])
        """, grid, reader
    ) { chunk in
      for (cohort, set) in chunk.sets { body(cohort, chunk.number, set) }
    }
  }

  /// Calls `body` with the users who were active in each period.
  private func seen(
    _ grid: Grid, _ reader: RollupReader, _ body: (MemberChunk) -> Void
  ) async throws(PostgresError) {
    guard let returnType else {
      let bounds = grid.instants.map { $0.floored(to: RangeCover.quarter) }
      let cover = reader.memberCover(zip(bounds, bounds.dropFirst()).map { $0..<$1 })
      return try await reader.sets(.users(), cover, body)
    }
    try await sets(
      of: """
        SELECT e.user_id AS _member,
               width_bucket(e.timestamp, \(grid.bounds)) - 1 AS _piece
        FROM analytics_events AS e
        WHERE e.timestamp >= \(grid.bounds[0])
          AND e.timestamp < \(grid.bounds[grid.bounds.count - 1])
          AND e.user_id IS NOT NULL AND e.event_type = \(returnType)
        """, grid, reader, body)
  }

  /// Calls `body` with the members of each period.
  ///
  /// - Parameter members: A query with the columns `_member` and `_piece`, the period counted
  ///   from 0.
  private func sets(
    of members: SQL, _ grid: Grid, _ reader: RollupReader, _ body: (MemberChunk) -> Void
  ) async throws(PostgresError) {
    var rows = MemberRows()
    let sql = MemberQuery.sets(of: members, Source.userID, areFew: false)
    try rows.add(try await reader.connection.query(sql), .places)
    try rows.forEachChunk(grid.bounds.indices.map { [$0] }, body)
  }
}

extension ReportParameter {
  static let periods = ReportParameter(
    "periods", .integer(1...Cohorts.periodsMax),
    "for how many periods each cohort is followed; by default \(Cohorts.periodsDefault)")
  package static let firstEvent = ReportParameter(
    "first_event", .text("type"),
    "the type of the event by which a user joins a cohort; by default any")
  package static let returnEvent = ReportParameter(
    "return_event", .text("type"), "the type of the events that are a return; by default any")
}
