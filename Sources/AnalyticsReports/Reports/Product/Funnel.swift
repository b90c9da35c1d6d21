internal import AnalyticsPostgres
internal import AnalyticsText
public import Foundation

/// How many users went through an ordered list of steps.
///
/// A user enters with their first event of the first step in the range, and only with that one.
/// Each further step is the first matching event that is not before the event of the step before.
/// Other events in between do not matter, and an event counts for one step only. The order of
/// events at the same instant is unknown, so they satisfy any order: an A and a B count as A, then
/// B, and as B, then A.
///
/// All steps have to happen within ``window`` of the entry, its last instant included. They may
/// happen after the range, so users who enter late have as long as all others. A user counts for a
/// step if they reached it. The conversions are shares of the users of the first step, and of the
/// step before. The median is that of the seconds since the step before, by nearest rank.
public struct Funnel: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "funnel"
  /// See ``CataloguedReport``.
  public static let summary =
    "How many users went through an ordered list of steps, and how fast. Events at the same instant "
    + "are in the order of the steps."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.range + [.step, .within]

  /// The steps in order; 1 to ``stepsMax``.
  public var steps: [EventSelection]
  /// When users enter. The start is included, the end is not.
  public var range: Range<Date>
  /// The time zone in which the range is shown; it changes nothing else.
  public var zone: TimeZone
  /// How long after the entry steps count, in seconds; more than 0, at most ``windowMax``.
  public var window: TimeInterval

  /// The maximum number of steps.
  public static let stepsMax = 10
  /// The longest window: 366 days.
  public static let windowMax: TimeInterval = 366 * 86_400

  /// Makes a report.
  public init(
    _ steps: [EventSelection], in range: Range<Date>, within window: TimeInterval,
    zone: TimeZone = .gmt
  ) {
    self.steps = steps
    self.range = range
    self.window = window
    self.zone = zone
  }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    _ = try parameters.required(.step)
    var steps: [EventSelection] = []
    for text in parameters.texts(.step) { steps.append(try EventSelection(parsing: text)) }
    let frame = try parameters.frame(by: .total)
    self.init(
      steps, in: frame.range, within: try parameters.window(default: 7 * 86_400), zone: frame.zone)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    guard (1...Self.stepsMax).contains(steps.count) else {
      throw .invalid("step", "a funnel has from 1 to \(Self.stepsMax) steps")
    }
    guard window > 0, window <= Self.windowMax else {
      throw .invalid("within", "within must be more than 0 and at most 366 days")
    }
    return try await database.series { reader in
      // Users who enter late may take the last step after the range.
      let reach = range.lowerBound..<range.upperBound.addingTimeInterval(window)
      for step in steps { try await reader.check(step, called: ("step", "step"), in: reach) }
      let rows = try await counts(on: reader.connection)
      reader.warnAboutRetention(from: range.lowerBound, "users who entered earlier are missing")
      return Series(
        name: Self.name, range: range, zone: zone,
        columns: [
          .init("step", .text), .init("users", .users), .init("conversion", .ratio),
          .init("step_conversion", .ratio), .init("median_seconds", .seconds),
        ], rows: rows)
    }
  }

  private func counts(on connection: PostgresConnection) async throws(PostgresError)
    -> [[Series.Value]]
  {
    var rows: [[Series.Value]] = []
    var entered = 0
    var previous = 0
    for row in try await connection.query(sql) {
      let users = try row.decode(Int.self, "users")
      if rows.isEmpty { entered = users }
      rows.append([
        .text(steps[rows.count].description), .integer(users), .ratio(users, of: entered),
        rows.isEmpty ? .null : .ratio(users, of: previous),
        try row.decode(Double?.self, "median").map { .number($0) } ?? .null,
      ])
      previous = users
    }
    return rows
  }
}

// MARK: - SQL

extension Funnel {
  /// The statement. Each step is a table `step_1`, … of users and the first instant at which they
  /// took it. Its column `since` is the first of the steps that were taken at the same instant as
  /// this one.
  private var sql: SQL {
    let tables = steps.indices.map { step in
      "\(table(of: step)) AS MATERIALIZED (\n\(users(of: step))\n)" as SQL
    }
    let counts = steps.indices.map { step -> SQL in
      let median: SQL =
        step == 0
        ? "NULL::double precision" : "percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds)"
      return """
        SELECT \(literal: step + 1) AS step, count(*) AS users, \(median) AS median
        FROM \(table(of: step))
        """
    }
    return """
      WITH \(tables.joined(separator: ",\n"))
      \(counts.joined(separator: "\nUNION ALL\n"))
      ORDER BY step
      """
  }

  private func table(of step: Int) -> SQL { .identifier("step_\(step + 1)") }

  private func selection(_ step: Int) -> SQL { "(\(steps[step].sql))" }

  private func users(of step: Int) -> SQL {
    if step == 0 { return entries }
    let same = steps[..<step].indices.filter {
      steps[$0].eventType.isSame(as: steps[step].eventType)
    }
    return """
      SELECT n.user_id, n.entered, n.timestamp,
             CASE WHEN n.timestamp = n.past THEN n.since ELSE \(literal: step + 1) END AS since,
             extract(epoch FROM n.timestamp - n.past)::double precision AS seconds
      FROM (\(same.isEmpty ? next(step) : next(step, besides: same))) AS n
      WHERE n.timestamp IS NOT NULL
      """
  }

  /// The entry of each user: their first instant.
  private var entries: SQL {
    """
    SELECT e.user_id, min(e.timestamp) AS entered, min(e.timestamp) AS timestamp, 1 AS since
    FROM analytics_events AS e
    WHERE e.timestamp >= \(range.lowerBound) AND e.timestamp < \(range.upperBound)
      AND e.user_id IS NOT NULL AND \(selection(0))
    GROUP BY e.user_id
    """
  }

  /// The events `e` at or after the step before, `past`, and within the window. The last user may
  /// enter just before the range's end, so events count until the window after it has passed.
  private func isInTime(_ step: Int) -> SQL {
    let window: SQL = "make_interval(secs => \(window))"
    return """
      FROM \(table(of: step - 1)) AS past
      JOIN analytics_events AS e ON e.user_id = past.user_id
      WHERE e.timestamp >= \(range.lowerBound) AND e.timestamp <= \(range.upperBound) + \(window)
        AND e.timestamp >= past.timestamp AND e.timestamp <= past.entered + \(window)
      """
  }

  /// The first instant that is not before the step before, if it is within the window.
  private func next(_ step: Int) -> SQL {
    """
    SELECT past.user_id, past.entered, past.timestamp AS past, past.since,
           min(e.timestamp) AS timestamp
    \(isInTime(step)) AND \(selection(step))
    GROUP BY past.user_id, past.entered, past.timestamp, past.since
    """
  }

  /// The same if steps before have the same type: an event at that instant may be taken already.
  ///
  /// The steps at one instant can each have an event of their own if every set of them matches at
  /// least as many events as it has steps (Hall's theorem). This held for the steps before, so only
  /// sets with this step are checked. Each step is a bit.
  private func next(_ step: Int, besides same: [Int]) -> SQL {
    let own = 1 << step
    let matched = (same + [step])
      .map { "CASE WHEN \(selection($0)) THEN \(literal: 1 << $0) ELSE 0 END" as SQL }
      .joined(separator: " | ")
    return """
      SELECT m.user_id, m.entered, m.past, m.since,
             CASE WHEN m.matches IS NOT NULL AND NOT EXISTS (
                 SELECT FROM generate_series(0, \(literal: own - 1)) AS s (steps)
                 WHERE s.steps & \(literal: same.map { 1 << $0 }.reduce(0, |))
                         & -(1 << m.since - 1) = s.steps
                   AND (SELECT count(*) FROM unnest(m.matches) AS u (matched)
                        WHERE u.matched & (s.steps | \(literal: own)) <> 0)
                       < bit_count((s.steps | \(literal: own))::bit(32)))
             THEN m.past ELSE m.later END AS timestamp
      FROM (SELECT past.user_id, past.entered, past.timestamp AS past, past.since,
                   min(e.timestamp) FILTER (WHERE e.timestamp > past.timestamp) AS later,
                   array_agg(\(matched)) FILTER (WHERE e.timestamp = past.timestamp) AS matches
            \(isInTime(step)) AND e.event_type = \(steps[step].eventType)
              AND (e.timestamp = past.timestamp OR \(selection(step)))
            GROUP BY past.user_id, past.entered, past.timestamp, past.since) AS m
      """
  }
}

extension ReportParameter {
  package static let step = ReportParameter(
    "step", .text("type[,condition]…"),
    "a step, in order: an event type, then conditions as in a breakdown, each after a comma; text "
      + "that contains a comma must be in double quotes",
    isRepeatable: true, isRequired: true)
  package static let within = ReportParameter(
    "within", .text("7d|12h|30m|90s"),
    "how long after the first step the other steps count; by default 7d")
}

extension ReportParameters {
  /// Returns the window in seconds.
  fileprivate func window(default standard: TimeInterval) throws(ReportError) -> TimeInterval {
    guard let text = text(.within) else { return standard }
    let units: [Unicode.Scalar: TimeInterval] = ["d": 86_400, "h": 3600, "m": 60, "s": 1]
    let digits = text.unicodeScalars.dropLast()
    guard let unit = text.unicodeScalars.last.flatMap({ units[$0] }),
      let count = Int(String(digits)), count > 0, count <= Int(Funnel.windowMax)
    else {
      throw refusal(
        .within, text,
        rule: "must be a number of days, hours, minutes or seconds, such as 7d or 12h")
    }
    return TimeInterval(count) * unit
  }
}
