internal import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

/// How many events of a type there were, and of how many users, by the values of a property.
///
/// A row for each piece of the range and each value that occurs in it. The ``limit`` values with
/// most events in the whole range are shown, at a tie the first in alphabetical order; all others
/// together are ``otherLabel``, of which users are counted once too. An event without the property
/// is ``absentLabel``, which takes part like a value. Values are cut to 200 characters. Reads raw
/// events, so it is exact in every time zone, and to the microsecond.
public struct Breakdown: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "breakdown"
  /// See ``CataloguedReport``.
  public static let explanation =
    "How many events of a type there were, and of how many users, by the values of a property."
  /// See ``CataloguedReport``.
  public static let parameters =
    ReportParameter.frame + [.event, .property, .condition, .limit]

  /// Which events.
  public var events: EventSelection
  /// By what; `nil` for all in one.
  public var property: EventProperty?
  /// When, and by what pieces.
  public var frame: TimeFrame
  /// How many values are shown by name; 1 to ``limitMax``.
  public var limit: Int

  /// The largest ``limit``.
  public static let limitMax = 100
  /// More rows nobody reads.
  public static let rowsMax = 100_000
  /// What stands for all values that are not shown by name.
  public static let otherLabel = "(other)"
  /// What stands for no value.
  public static let absentLabel = "(none)"

  /// Makes a report.
  public init(
    of events: EventSelection, by property: EventProperty?, in frame: TimeFrame, limit: Int = 10
  ) {
    self.events = events
    self.property = property
    self.frame = frame
    self.limit = limit
  }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    guard let type = parameters.text(.event) else {
      throw .invalid("event", "say which events: --event TYPE")
    }
    self.init(
      of: EventSelection(type, where: try parameters.conditions()),
      by: parameters.text(.property).map { EventProperty($0) }, in: try parameters.frame(),
      limit: try parameters.integer(.limit, in: 1...Self.limitMax, default: 10))
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    guard (1...Self.limitMax).contains(limit) else {
      throw .invalid("limit", "the limit is a number from 1 to \(Self.limitMax)")
    }
    guard frame.buckets.count * (limit + 1) <= Self.rowsMax else {
      throw .invalid(
        "granularity",
        "\(frame.buckets.count) pieces of time with \(limit) values each are too many: ask for "
          + "longer pieces, a shorter range or a lower limit")
    }
    return try await database.series { reader in try await series(&reader) }
  }

  private func series(_ reader: inout RollupReader) async throws(PostgresError) -> Series {
    var parameters = StatementParameters([
      .timestamptz(frame.range.lowerBound), .timestamptz(frame.range.upperBound),
      .timestamptzArray(frame.buckets.map(\.range.lowerBound)), .int8(Int64(limit)),
    ])
    let sql = RawEvents.statements["breakdown"]
      .filling([
        "property": property?.sql(&parameters) ?? "'all'", "selection": events.sql(&parameters),
      ])
    var rows: [[Series.Value]] = []
    var values = 0
    for row in try await reader.connection.query(sql, parameters.values) {
      let bucket = try row.decode(Int.self, "bucket") - 1
      values = max(values, try row.decode(Int?.self, "keys") ?? 0)
      rows.append([
        .instant(frame.buckets[bucket].start), .text(try Self.label(row)),
        .integer(try row.decode(Int.self, "events")), .integer(try row.decode(Int.self, "users")),
      ])
    }
    reader.noteDropped(from: frame.range.lowerBound, "older pieces hold nothing")
    if values > limit { reader.note("\(values - limit) further values are in \(Self.otherLabel)") }
    return Series(
      name: Self.name, range: frame.range, zone: frame.zone,
      columns: [
        frame.column, .init(property?.name ?? "events_of", .text), .init("events", .events),
        .init("users", .users),
      ], rows: rows)
  }

  private static func label(_ row: PostgresRow) throws(PostgresError) -> String {
    switch try row.decode(Bool?.self, "is_absent") {
    case nil: otherLabel
    case true?: absentLabel
    case false?: try row.decode(String.self, "value")
    }
  }
}

extension ReportParameter {
  static let event = ReportParameter("event", "type", "which events; has to be given")
  static let property = ReportParameter(
    "property", "name",
    "by what: service, environment, hostname or the name of a field; by default all in one")
  static let condition = ReportParameter(
    "where", "condition",
    "only events with name=value, name!=value, name (there is one) or !name (there is none)",
    isRepeatable: true)
}

extension ReportParameters {
  fileprivate func conditions() throws(ReportError) -> [PropertyCondition] {
    var conditions: [PropertyCondition] = []
    for text in texts(.condition) {
      guard let condition = PropertyCondition(text) else {
        throw .invalid("where", "\(text.quoted) is no condition: say name=value, or just a name")
      }
      conditions.append(condition)
    }
    return conditions
  }
}
