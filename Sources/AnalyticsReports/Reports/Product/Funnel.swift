internal import AnalyticsPostgres
internal import AnalyticsText
public import Foundation

/// How many users went through an ordered list of steps.
///
/// A user enters with their first event of the first step in the range, and with no later one. From
/// there on each step is the first matching event that is not before the one of the step before; other
/// events in between do not matter, and one event is one step only. Nobody knows the order of events at
/// the same instant, so they satisfy any: an A and a B are A, then B, and are B, then A.
/// All steps have to happen within ``window`` of the entry, the last instant included, be that also
/// after the range: who enters late has as long as everybody else. A user counts for a step if they
/// got there; conversions are the share of those of the first step and of the step before. The
/// median is that of the seconds since the step before, by nearest rank.
public struct Funnel: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "funnel"
  /// See ``CataloguedReport``.
  public static let explanation =
    "How many users went through an ordered list of steps, and how fast. Events at the same instant "
    + "are in the order of the steps."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.range + [.step, .within]

  /// The steps in their order; 1 to ``stepsMax``.
  public var steps: [EventSelection]
  /// When users enter: from, included, to, excluded.
  public var range: Range<Date>
  /// Whose clock shows the range; it matters to nothing else.
  public var zone: TimeZone
  /// How long after the entry a step counts, in seconds; more than 0, at most ``windowMax``.
  public var window: TimeInterval

  /// The most steps.
  public static let stepsMax = 10
  /// A year.
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
      throw .invalid("within", "the time within which steps count is more than 0, up to 366 days")
    }
    return try await database.series { reader in
      // Who enters late may take the last step after the range.
      let reach = range.lowerBound..<range.upperBound.addingTimeInterval(window)
      for step in steps { try await reader.check(step, called: ("step", "step"), in: reach) }
      let rows = try await counts(on: reader.connection)
      reader.noteDropped(from: range.lowerBound, "who entered before is missing")
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
    var parameters = StatementParameters([
      .timestamptz(range.lowerBound), .timestamptz(range.upperBound), .float8(window),
    ])
    let sql = statement(&parameters)
    var rows: [[Series.Value]] = []
    var entered = 0
    var previous = 0
    for row in try await connection.query(sql, parameters.values) {
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

  private func statement(_ parameters: inout StatementParameters) -> String {
    var tables: [String] = []
    var counts: [String] = []
    // Each stands in several places.
    let selections = steps.map { "(\($0.sql(&parameters)))" }
    for (index, step) in steps.enumerated() {
      var names = [
        "step": "step_\(index + 1)", "previous": "step_\(index)", "number": "\(index + 1)",
        "selection": selections[index],
      ]
      var kind = index == 0 ? "funnel_entry" : "funnel_step"
      counts.append(RawEvents.statements[kind + "_count"].filling(names))
      let same = steps[..<index].indices.filter {
        steps[$0].eventType.isSame(as: step.eventType)
      }
      if !same.isEmpty {
        kind = "funnel_step_of_known_type"
        names["type"] = parameters.add(.text(step.eventType))
        names["own"] = "\(1 << index)"
        names["same"] = "\(same.map { 1 << $0 }.reduce(0, |))"
        names["matched"] = (same + [index])
          .map { "CASE WHEN \(selections[$0]) THEN \(1 << $0) ELSE 0 END" }
          .joined(separator: " | ")
      }
      tables.append(RawEvents.statements[kind].filling(names))
    }
    return "WITH \(tables.joined(separator: ",\n"))\n"
      + counts.joined(separator: "\nUNION ALL\n") + "\nORDER BY step"
  }
}

extension ReportParameter {
  static let step = ReportParameter(
    "step", "type[,condition]…",
    "a step, in order: an event's type, and conditions as those of a breakdown, each behind a comma; "
      + "what has a comma in it stands in double quotes",
    isRepeatable: true)
  static let within = ReportParameter(
    "within", "7d|12h|30m|90s", "how long after the first step the others count; by default 7d")
}

extension ReportParameters {
  /// Seconds.
  fileprivate func window(default standard: TimeInterval) throws(ReportError) -> TimeInterval {
    guard let text = text(.within) else { return standard }
    let units: [Unicode.Scalar: TimeInterval] = ["d": 86_400, "h": 3600, "m": 60, "s": 1]
    let digits = text.unicodeScalars.dropLast()
    guard let unit = text.unicodeScalars.last.flatMap({ units[$0] }),
      let count = Int(String(digits)), count > 0, count <= Int(Funnel.windowMax)
    else { throw refusal(.within, "is a number of days, hours, minutes or seconds, as 7d or 12h") }
    return TimeInterval(count) * unit
  }
}
