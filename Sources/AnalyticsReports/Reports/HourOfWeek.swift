internal import AnalyticsRollups

/// When in the week users are active: a figure for each local weekday and hour of the range.
///
/// Columns: `weekday`, 1 for Monday; `hour`, 0…23; `active_users`, distinct over the range, or the
/// name of another distinct measure, or `events`. An hour that clocks skip or repeat counts as the
/// hour that the clock shows.
public struct HourOfWeek: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "hour-of-week"
  /// See ``CataloguedReport``.
  public static let summary = "When in the week users are active, by weekday and hour."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.range + Origin.parameters + [.measure, .of]

  /// What a report counts.
  public enum Measure: String, CaseIterable, Sendable {
    /// Distinct users or other values. Each counts once for an hour of a weekday, in however many
    /// weeks it occurs.
    case users
    /// Events.
    case events
  }

  /// The range and its time zone. Its buckets do not matter.
  public var frame: TimeFrame
  /// The services and environments whose events count.
  public var origin = Origin()
  /// What the report counts.
  public var measure = Measure.users
  /// The distinct measure to count in place of all users.
  public var distinctMeasure: DistinctMeasure?

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame(by: .total))
    origin = Origin(parameters)
    measure = try parameters.choice(.measure) ?? .users
    distinctMeasure = try parameters.distinctMeasure()
    guard distinctMeasure == nil || measure == .users else {
      throw .invalid("of", "of cannot be combined with measure=events: it counts distinct values")
    }
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let filter = origin.filter
      try await reader.check(filter, in: frame.range)
      let query = try await reader.query(distinctMeasure, where: filter)
      let counts =
        switch measure {
        case .users:
          try await reader.membersByHourOfWeek(frame, query)
        case .events:
          try await reader.eventsByHourOfWeek(try frame.cut(by: .hour), where: filter)
        }
      return Series(
        name: Self.name, range: frame.range, zone: frame.zone,
        columns: [
          .init("weekday", .weekday), .init("hour", .hourOfDay),
          measure == .events
            ? .init("events", .events)
            : distinctMeasure?.column(Series.Unit(of: query.source), besides: ["weekday", "hour"])
              ?? .init("active_users", .users),
        ],
        rows: counts.enumerated().map { hour, count in
          [.integer(hour / 24 + 1), .integer(hour % 24), .integer(count)]
        })
    }
  }
}

extension Series {
  /// The figures of ``HourOfWeek`` by weekday, from Monday on, and then by hour, with their column;
  /// `nil` for a series of another shape.
  package var hoursOfWeek: (figure: Column, values: [[Double]])? {
    guard let weekday = columns.firstIndex(where: { $0.unit == .weekday }),
      let hour = columns.firstIndex(where: { $0.unit == .hourOfDay }),
      let figure = columns.indices.first(where: { $0 != weekday && $0 != hour })
    else { return nil }
    var values = [[Double]](repeating: Array(repeating: 0, count: 24), count: 7)
    for row in rows {
      guard let day = row[weekday].integer, let hour = row[hour].integer,
        (1...7).contains(day), (0...23).contains(hour)
      else { continue }
      values[day - 1][hour] = Double(row[figure].integer ?? 0)
    }
    return (columns[figure], values)
  }
}

extension ReportParameter {
  static let measure = ReportParameter(
    "measure", .choice(of: HourOfWeek.Measure.self), "what is counted; by default users")
}
