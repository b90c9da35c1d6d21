internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import Foundation

/// Reads rollups in one transaction, and notes what of the figures is not exact.
struct RollupReader {
  let connection: PostgresConnection
  /// From where on there are raw events, in microseconds since 2000.
  let rawFrom: Int64
  private let standings: [String: Standing]
  private(set) var notes: [String] = []
  /// The instant of the read, or where the first stretch begins that is still to be computed of what
  /// was read.
  private(set) var completeUntil: Date?
  private var readAt: Date?
  /// What was read before.
  let kept: KeptReads
  /// Whether nothing is still to be computed, of any rollup.
  var isEverythingComputed: Bool { standings.values.allSatisfy(\.pending.isEmpty) }
  /// Of UTC days, as far as they were read.
  var versions: [Int64: Int64]?
  var versionedDays: Range<Int64> = 0..<0

  /// How a rollup stands.
  private struct Standing {
    /// Older days have the figures of an older definition.
    var validFrom: Int64?
    /// What those do not tell apart.
    var newDimensions: Set<String> = []
    /// What is still to be computed.
    var pending: [Range<Int64>] = []
  }

  init(_ connection: PostgresConnection, _ keeper: ReadKeeper) async throws(PostgresError) {
    self.connection = connection
    var source = ""
    var standings: [String: Standing] = [:]
    var rawFrom = PostgresTimestamp.minusInfinity
    for row in try await connection.query(Self.standings) {
      var standing = standings[try row.decode(String.self, "name")] ?? Standing()
      if try row.decode(Bool.self, "has_older") {
        standing.validFrom = try row.decode(PostgresTimestamp.self, "valid_from").microseconds
        standing.newDimensions = Set(try row.decode([String].self, "new_dimensions"))
      }
      if let lower = try row.decode(PostgresTimestamp?.self, "pending_lower"),
        let upper = try row.decode(PostgresTimestamp?.self, "pending_upper")
      {
        standing.pending.append(lower.microseconds..<upper.microseconds)
      }
      standings[try row.decode(String.self, "name")] = standing
      rawFrom = try row.decode(PostgresTimestamp.self, "raw_from")
      readAt = try row.decode(Date.self, "read_at")
      source = try row.decode(String.self, "source")
    }
    self.standings = standings
    self.rawFrom = rawFrom.microseconds
    completeUntil = readAt
    kept = keeper.reads(of: source)
  }

  /// Of each rollup: since when its newest definition holds, and what is still to be computed, a row for
  /// each stretch of time.
  private static let standings: SQL = """
    SELECT r.name, r.has_older, r.valid_from, r.new_dimensions, p.lower AS pending_lower, p.upper AS pending_upper,
           coalesce((SELECT dropped_before FROM analytics_retention), '-infinity') AS raw_from,
           now() AS read_at,
           -- The views are made anew whenever a rollup is, the trigger by each erasure, also at its end.
           -- Asked of the catalogue itself, which this snapshot holds for; names are looked up in the
           -- latest.
           concat_ws(' ', pg_postmaster_start_time(),
                     (SELECT max(v.oid) FROM pg_catalog.pg_class AS v
                      WHERE starts_with(v.relname, 'analytics_rollup_') AND v.relkind = 'v'
                        AND v.relnamespace = (SELECT relnamespace FROM pg_catalog.pg_class
                                              WHERE oid = 'analytics_events'::regclass)),
                     (SELECT t.oid FROM pg_catalog.pg_trigger AS t
                      WHERE t.tgrelid = 'analytics_events'::regclass
                        AND t.tgname = 'analytics_erase_new_event')) AS source
    FROM (SELECT name, count(*) > 1 AS has_older,
                 (array_agg(valid_from ORDER BY version DESC))[1] AS valid_from,
                 ARRAY(SELECT d.value->>'name'
                       FROM jsonb_array_elements(
                           (array_agg(definition ORDER BY version DESC))[1]::jsonb->'dimensions') AS d
                       WHERE EXISTS (
                           SELECT FROM unnest(array_agg(definition)) AS o (definition)
                           WHERE NOT o.definition::jsonb->'dimensions'
                                     @> jsonb_build_array(jsonb_build_object('name', d.value->'name')))
                 ) AS new_dimensions
          FROM analytics_rollups GROUP BY name) AS r
    LEFT JOIN (SELECT name, lower(stretch), upper(stretch)
               FROM (SELECT name, unnest(range_agg(tstzrange(lower, upper))) AS stretch
                     FROM analytics_rollup_pending GROUP BY name) AS stretches
              ) AS p (name, lower, upper) USING (name)
    """

  /// Whether nothing of a rollup is still to be computed.
  func isComputed(_ rollup: Rollup) -> Bool { standings[rollup.name]?.pending.isEmpty ?? false }

  /// The UTC day in which the snapshot was taken.
  var today: Int64? {
    readAt.map { PostgresTimestamp($0).microseconds.floored(to: RangeCover.day) }
  }

  mutating func note(_ line: String) {
    if !notes.contains(line) { notes.append(line) }
  }

  /// Covers ranges, and notes what keeps a rollup's figures of them from being exact.
  ///
  /// - Parameter dimensions: By what is told apart.
  mutating func cover(
    _ ranges: [Range<Date>], of rollup: Rollup, by dimensions: [String] = [],
    onlyAdds: Bool = false
  ) -> RangeCover {
    let cover = RangeCover(ranges, rawFrom: rawFrom, cutAt: today, onlyAdds: onlyAdds)
    if cover.isRounded {
      note(
        "raw events are gone before \(Self.text(rawFrom)): a piece whose bound lies within a "
          + "quarter of an hour begins or ends with that quarter instead")
    }
    let lower = cover.pieces.map(\.lower).min() ?? .max
    let upper = cover.pieces.map(\.upper).max() ?? .min
    if let standing = standings[rollup.name], let validFrom = standing.validFrom,
      validFrom > lower
    {
      let missing = rollup.dimensions.map(\.name)
        .filter { dimensions.contains($0) && standing.newDimensions.contains($0) }
      let before = "before \(Self.text(validFrom))"
      note(
        missing.isEmpty
          ? "\(before) the figures are those of an older definition of the rollup \(rollup.name)"
          : "\(before) there are no figures by \(missing.joined(separator: " and ")): an older "
            + "definition of the rollup \(rollup.name) did not tell them apart")
    }
    if lower < upper { lookForPending(rollup, lower..<upper) }
    return cover
  }

  /// Notes what is still to be computed of a rollup before an instant: for figures that all of the
  /// past has a share in.
  mutating func lookForPending(_ rollup: Rollup, before end: Date) {
    lookForPending(rollup, .min..<PostgresTimestamp(end).microseconds)
  }

  private mutating func lookForPending(_ rollup: Rollup, _ range: Range<Int64>) {
    let pending = (standings[rollup.name]?.pending ?? []).filter { $0.overlaps(range) }
    guard let first = pending.map(\.lowerBound).min(),
      let start = PostgresTimestamp(microseconds: first).date
    else { return }
    completeUntil = min(completeUntil ?? start, start)
    note(
      "events from \(Self.text(first)) on are still to be added to the rollup \(rollup.name): "
        + "`analytics rollups refresh`")
  }

  static func text(_ microseconds: Int64) -> String {
    PostgresTimestamp(microseconds: microseconds).date.map { LocalTime($0, in: .gmt).text } ?? "now"
  }
}
