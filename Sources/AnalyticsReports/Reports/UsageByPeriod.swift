internal import AnalyticsPostgres
public import Foundation

/// The usage counters of each period: sums and distinct values, over all replicas.
///
/// Columns: `period_start` and `period_end`, as they really were; `state`, `closed` or `open` (an
/// open period has no end, and the figures so far); `kind`; `measure`, `sum` or `members`; `name`;
/// `value`. A period in which nothing was counted has a row without a kind. A period is in the
/// range if any part of it is.
public struct UsageByPeriod: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "usage"
  /// See ``CataloguedReport``.
  public static let summary =
    "The usage counters of each period, including the open one: sums and distinct values."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.range + [.usageKind, .latestPeriods]

  /// The range; its start is included, its end is not. `nil` for all periods.
  public var range: Range<Date>?
  /// The time zone of instants in the result.
  public var zone = TimeZone.gmt
  /// The kinds of usage to show; empty for all.
  public var kinds: [String] = []
  /// Only this many of the newest periods in the range, 1 or more; `nil` for all.
  public var latest: Int?

  /// Makes the report.
  public init(range: Range<Date>? = nil) { self.range = range }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    let frame = try parameters.frame(by: .total)
    range = frame.range
    zone = frame.zone
    kinds = parameters.texts(.usageKind)
    latest = try parameters.integer(.latestPeriods)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    if let latest { try ReportParameter.latestPeriods.check(latest) }
    return try await database.series { reader in
      try await reader.check(usageKinds: kinds)
      let rows = try await reader.connection.query(
        """
        SELECT p.started_at, p.ended_at, f.kind, f.measure, f.name, f.value
        FROM (\(periods)) AS p LEFT JOIN LATERAL (\(Self.figures) OFFSET 0) AS f ON \(isAskedFor)
        ORDER BY p.id, f.kind, f.measure DESC, f.name
        """)
      return Series(
        name: Self.name, range: range, zone: zone,
        columns: [
          .init("period_start", .instant), .init("period_end", .instant), .init("state", .text),
          .init("kind", .text), .init("measure", .text), .init("name", .text),
          .init("value", .number),
        ],
        rows: try rows.map { row in
          func text(_ column: String) throws -> Series.Value {
            try row.decode(String?.self, column).map(Series.Value.text) ?? .null
          }
          let end = try row.decode(Date?.self, "ended_at")
          return [
            .instant(try row.decode(Date.self, "started_at")),
            end.map(Series.Value.instant) ?? .null, .text(end == nil ? "open" : "closed"),
            try text("kind"), try text("measure"), try text("name"),
            try row.decode(Int?.self, "value").map(Series.Value.integer) ?? .null,
          ]
        })
    }
  }
}

extension ReportParameter {
  static let usageKind = ReportParameter(
    "kind", .text("name"), "only this kind of usage", isRepeatable: true)
  fileprivate static let latestPeriods = ReportParameter(
    "latest", .integer(1...100_000),
    "how many of the newest periods of the range to show; by default all")
}

// MARK: - SQL

extension UsageByPeriod {
  private var periods: SQL {
    var isInRange: SQL = "true"
    if let range {
      isInRange = """
        started_at < \(range.upperBound) AND coalesce(ended_at, 'infinity') > \(range.lowerBound)
        """
    }
    let limit: SQL = latest.map { " LIMIT \($0)" } ?? ""
    return """
      SELECT id, started_at, ended_at FROM analytics_usage_periods
      WHERE \(isInRange) ORDER BY id DESC\(limit)
      """
  }

  /// The figures of a period `p`. They are read for each period by itself, because a join with the
  /// whole view would count the members of all periods.
  private static let figures: SQL =
    "SELECT kind, measure, name, value FROM usage_figures WHERE period_id = p.id"

  private var isAskedFor: SQL { kinds.isEmpty ? "true" : "f.kind = ANY (\(kinds))" }
}
