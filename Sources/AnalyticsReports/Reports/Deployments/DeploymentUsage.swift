internal import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

/// The usage that deployments reported to this collector, by the end of the usage period.
///
/// Columns: time; `figure`, such as `boundary.allowed_requests`; its `kind`; `measure`; `value`;
/// `deployments`, how many reported it. A `sum` is added up over periods. `members` are distinct
/// values, and the same value may occur in two periods, so the value is that of the period with the
/// most. Both are added up over deployments.
///
/// Documents of format 1 do not have the measure. For the built-in figures of the kind `boundary`
/// it is known. For all others it is `unknown`, and the figure has a value only if each deployment
/// reported one period.
public struct DeploymentUsage: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "deployment-usage"
  /// See ``CataloguedReport``.
  public static let summary =
    "What deployments that send telemetry have counted, over time."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.frame

  /// The range, its buckets and its time zone.
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
      let figures = try await reader.snapshotFigures(in: frame, by: Self.texts, Self.usage) { row in
        [
          try row.decode(Double?.self, "value").map(Series.Value.whole) ?? .null,
          .integer(try row.decode(Int.self, "deployments")),
        ]
      }
      return Series.overTime(
        Self.name, frame, by: Self.texts, groups: figures.groups,
        columns: [.init("value", .number), .init("deployments", .distinct)]
      ) { group, bucket in figures.values[bucket]?[group] ?? [.integer(0), .integer(0)] }
    }
  }

  /// The kind is a column, too, because kinds and names may contain dots.
  private static let texts = ["figure", "kind", "measure"]

  private static func usage(_ bucket: SQL, _ isInRange: SQL) -> SQL {
    """
    SELECT bucket, kind || '.' || name AS figure, kind, measure, count(*) AS deployments,
           (CASE WHEN measure = 'sum' THEN sum(total) WHEN measure = 'members' THEN sum(most)
                 WHEN max(periods) = 1 THEN sum(total) END)::float8 AS value
    FROM (SELECT \(bucket) AS bucket, s.deployment_id, f.kind, f.name,
                 coalesce(f.measure, known.measure, 'unknown') AS measure, count(*) AS periods,
                 sum(f.value) AS total, max(f.value) AS most
          FROM analytics_telemetry_snapshots AS s
          CROSS JOIN LATERAL jsonb_to_recordset(s.document #> '{snapshot,usage}')
              AS f (kind text, measure text, name text, value int8)
          LEFT JOIN (VALUES ('allowed_requests', 'sum'), ('denied_requests', 'sum'),
                            ('workspaces', 'members'), ('users', 'members')) AS known (name, measure)
              ON f.kind = 'boundary' AND f.name = known.name
          WHERE \(isInRange) GROUP BY 1, 2, 3, 4, 5) AS figures
    GROUP BY bucket, kind, name, measure
    """
  }
}

/// The versions that deployments with telemetry run on.
///
/// Columns: time, `version`, `deployments`. A deployment that was upgraded within a bucket is in
/// two rows of that bucket.
public struct DeploymentVersions: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "deployment-versions"
  /// See ``CataloguedReport``.
  public static let summary =
    "Which versions deployments that send telemetry run on, over time."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.frame

  /// The range, its buckets and its time zone.
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
      let figures = try await reader.snapshotFigures(in: frame, by: ["version"], Self.versions) {
        row in
        [.integer(try row.decode(Int.self, "deployments"))]
      }
      return Series.overTime(
        Self.name, frame, by: ["version"], groups: figures.groups,
        columns: [.init("deployments", .distinct)]
      ) { group, bucket in figures.values[bucket]?[group] ?? [.integer(0)] }
    }
  }

  private static func versions(_ bucket: SQL, _ isInRange: SQL) -> SQL {
    """
    SELECT \(bucket) AS bucket,
           'migration ' || (s.document #>> '{snapshot,software,migration}') || ', PostgreSQL '
               || (s.document #>> '{snapshot,software,postgresql}')
               || coalesce(', TimescaleDB ' || (s.document #>> '{snapshot,software,timescaledb}'), '')
               AS version,
           count(DISTINCT s.deployment_id) AS deployments
    FROM analytics_telemetry_snapshots AS s WHERE \(isInRange) GROUP BY 1, 2
    """
  }
}

/// The figures of telemetry snapshots, by bucket and group.
private struct SnapshotFigures {
  var groups: [Group] = []
  var values: [Int: [Group: [Series.Value]]] = [:]
}

extension RollupReader {
  /// Reads telemetry snapshots by bucket.
  ///
  /// - Parameters:
  ///   - columns: The text columns to group by.
  ///   - query: Makes a query for `bucket` and the columns from snapshots `s`, given the
  ///     expression of the bucket, counted from 1, and the condition of the range.
  fileprivate func snapshotFigures(
    in frame: TimeFrame, by columns: [String], _ query: (_ bucket: SQL, _ isInRange: SQL) -> SQL,
    _ values: (PostgresRow) throws -> [Series.Value]
  ) async throws -> SnapshotFigures {
    var figures = SnapshotFigures()
    let rows = try await connection.query(
      """
      \(query(
        "width_bucket(s.ended_at, \(frame.buckets.map(\.range.lowerBound)))",
        "s.ended_at >= \(frame.range.lowerBound) AND s.ended_at < \(frame.range.upperBound)"))
      LIMIT 20000
      """)
    for row in rows {
      let group = try columns.map { ExactString(try row.decode(String.self, $0)) }
      figures.values[try row.decode(Int.self, "bucket") - 1, default: [:]][group] = try values(row)
    }
    figures.groups = Set(figures.values.values.flatMap(\.keys)).inOrder
    return figures
  }
}
