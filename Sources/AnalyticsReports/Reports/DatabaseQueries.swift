internal import AnalyticsCatalogue

/// How many database queries ran, and how fast.
///
/// Columns: time, `service`, `query_type`; `queries` in events; `rows_affected`; `avg_duration_ms` and
/// percentiles.
public struct DatabaseQueries: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "database-queries"
  /// See ``CataloguedReport``.
  public static let explanation =
    "How many database queries ran, of which type, and how fast."
  /// See ``CataloguedReport``.
  public static let parameters =
    ReportParameter.frame + Origin.parameters + [
      .queryType, .percentile,
    ]

  /// The range, its pieces, and whose days they are.
  public var frame: TimeFrame
  /// Which events count, by where they come from.
  public var origin = Origin()
  /// These types of queries only; none for all.
  public var queryTypes: [String] = []
  /// Which percentiles of durations.
  public var percentiles: [Percentile] = [.p50, .p95, .p99]

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame())
    origin = Origin(parameters)
    queryTypes = parameters.texts(.queryType)
    percentiles = try parameters.percentiles(default: percentiles)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let dimensions = ["service", "query_type"]
      let filter = origin.filter + .of(("query_type", queryTypes))
      try await reader.check(filter, of: .databaseQueries, in: frame.range)
      let queries = try await reader.figures(
        ["queries", "rows_affected_sum", "duration_ms_sum", "duration_ms"], of: .databaseQueries,
        in: frame.ranges, by: dimensions, where: filter)
      return try Series.overTime(
        Self.name, frame, by: dimensions, groups: queries.groups,
        columns: [.init("queries", .events), .init("rows_affected", .number)]
          + .durations(percentiles)
      ) { group, piece in
        let cell = queries[group, piece]
        return [.integer(cell.count("queries")), .integer(cell.count("rows_affected_sum"))]
          + (try cell.durations(percentiles))
      }
    }
  }
}

extension ReportParameter {
  static let queryType = ReportParameter(
    "query_type", "name", "of this type only", isRepeatable: true)
}
