internal import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

/// What deployments told this collector of telemetry to have counted, by the end of the period.
///
/// Columns: time, `figure` as `boundary.allowed_requests`, `value`, `deployments` that told it. A value
/// is the sum over deployments and periods: whoever is a distinct member in two periods is in it twice.
public struct DeploymentUsage: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "deployment-usage"
  /// See ``CataloguedReport``.
  public static let explanation =
    "What deployments that send telemetry have counted, over time."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.frame

  /// The range, its pieces, and whose days they are.
  public var frame: TimeFrame

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame())
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let told = try await reader.told(in: frame, by: "figure", Self.usage) { row in
        [
          .number(try row.decode(Double.self, "value")),
          .integer(try row.decode(Int.self, "deployments")),
        ]
      }
      return Series.overTime(
        Self.name, frame, by: ["figure"], groups: told.groups,
        columns: [.init("value", .number), .init("deployments", .distinct)]
      ) { group, piece in told.values[piece]?[group] ?? [.number(0), .integer(0)] }
    }
  }

  private static let usage: SQL = """
    (f.figure ->> 'kind') || '.' || (f.figure ->> 'name') AS figure,
        sum((f.figure ->> 'value')::int8)::float8 AS value,
        count(DISTINCT s.deployment_id) AS deployments
    FROM analytics_telemetry_snapshots AS s
    CROSS JOIN LATERAL jsonb_array_elements(s.document #> '{snapshot,usage}') AS f (figure)
    """
}

/// Which versions deployments that send telemetry run on.
///
/// Columns: time, `version`, `deployments`. One that was brought up to date within a piece of time is
/// in two of its rows.
public struct DeploymentVersions: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "deployment-versions"
  /// See ``CataloguedReport``.
  public static let explanation =
    "Which versions deployments that send telemetry run on, over time."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.frame

  /// The range, its pieces, and whose days they are.
  public var frame: TimeFrame

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame())
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let told = try await reader.told(in: frame, by: "version", Self.versions) { row in
        [.integer(try row.decode(Int.self, "deployments"))]
      }
      return Series.overTime(
        Self.name, frame, by: ["version"], groups: told.groups,
        columns: [.init("deployments", .distinct)]
      ) { group, piece in told.values[piece]?[group] ?? [.integer(0)] }
    }
  }

  /// A deployment that was brought up to date within a piece is in two rows of it.
  private static let versions: SQL = """
    'migration ' || (s.document #>> '{snapshot,software,migration}') || ', PostgreSQL '
        || (s.document #>> '{snapshot,software,postgresql}')
        || coalesce(', TimescaleDB ' || (s.document #>> '{snapshot,software,timescaledb}'), '')
        AS version,
        count(DISTINCT s.deployment_id) AS deployments
    FROM analytics_telemetry_snapshots AS s
    """
}

/// What snapshots say, by piece of time and the texts of one column.
private struct Told {
  var groups: [Group] = []
  var values: [Int: [Group: [Series.Value]]] = [:]
}

extension RollupReader {
  /// - Parameter selection: The columns, of which the first is `column`, and where they come from.
  fileprivate func told(
    in frame: TimeFrame, by column: String, _ selection: SQL,
    _ values: (PostgresRow) throws -> [Series.Value]
  ) async throws -> Told {
    var told = Told()
    let rows = try await connection.query(
      """
      SELECT width_bucket(s.ended_at, \(frame.buckets.map(\.range.lowerBound))) AS bucket,
             \(selection)
      WHERE s.ended_at >= \(frame.range.lowerBound) AND s.ended_at < \(frame.range.upperBound)
      GROUP BY 1, 2 LIMIT 20000
      """)
    for row in rows {
      let group = [ExactString(try row.decode(String.self, column))]
      told.values[try row.decode(Int.self, "bucket") - 1, default: [:]][group] = try values(row)
    }
    told.groups = Set(told.values.values.flatMap(\.keys)).sorted { $0[0] < $1[0] }
    return told
  }
}
