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
  /// `nil` where there are no rollups.
  private(set) var readAt: Date?
  /// What was read before.
  let kept: KeptReads
  /// Whether nothing is still to be computed, of any rollup.
  var isEverythingComputed: Bool { standings.values.allSatisfy(\.pending.isEmpty) }
  /// Of UTC days, as far as they were read.
  var versions: [Int64: Int64]?
  var versionedDays: Range<Int64> = 0..<0

  /// How a rollup stands.
  private struct Standing {
    /// When its first definition came, raw events before this were gone: there are no figures of them.
    var begins = Int64.min
    /// Older days have the figures of an older definition.
    var validFrom: Int64?
    /// Since when there are the dimensions and measures that these lack.
    var newColumns: [String: Int64] = [:]
    /// What is still to be computed.
    var pending: [Range<Int64>] = []
  }

  /// The views are of a later time than the snapshot, which may lack the rows that they count on.
  struct Outdated: Error {}

  /// - Throws: ``Outdated``, or a `PostgresError`.
  init(_ connection: PostgresConnection, _ keeper: ReadKeeper) async throws {
    self.connection = connection
    var source = ""
    var standings: [String: Standing] = [:]
    var rawFrom = PostgresTimestamp.minusInfinity
    for row in try await connection.query(Self.standings) {
      guard try row.decode(Bool.self, "is_current") else { throw Outdated() }
      var standing = standings[try row.decode(String.self, "name")] ?? Standing()
      standing.begins = try row.decode(PostgresTimestamp.self, "begins").microseconds
      if try row.decode(Bool.self, "has_older") {
        standing.validFrom = try row.decode(PostgresTimestamp.self, "valid_from").microseconds
        if let name = try row.decode(String?.self, "new_column") {
          standing.newColumns[name] = try row.decode(PostgresTimestamp.self, "known_from")
            .microseconds
        }
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

  /// Of each rollup: since when its newest definition holds, a row for each of its dimensions and measures that an
  /// older one does not have, and for each stretch of time that is still to be computed.
  private static let standings: SQL = """
    SELECT r.name, r.has_older, r.valid_from, r.begins, d.new_column, d.known_from,
           p.lower AS pending_lower, p.upper AS pending_upper,
           coalesce((SELECT dropped_before FROM analytics_retention), '-infinity') AS raw_from,
           now() AS read_at,
           -- The views are made anew whenever a rollup is, and each erasure replaces the trigger, also at its end.
           -- Asked of the catalogue itself, which this snapshot holds for; names are looked up in the
           -- latest.
           concat_ws(' ', pg_postmaster_start_time(),
                     (SELECT max(v.oid) FROM pg_catalog.pg_class AS v
                      WHERE starts_with(v.relname, 'analytics_rollup_') AND v.relkind = 'v'
                        AND v.relnamespace = (SELECT relnamespace FROM pg_catalog.pg_class
                                              WHERE oid = 'analytics_events'::regclass)),
                     (SELECT t.xmin FROM pg_catalog.pg_trigger AS t
                      WHERE t.tgrelid = 'analytics_events'::regclass
                        AND t.tgname = 'analytics_erase_new_event')) AS source,
           EXISTS (SELECT FROM pg_catalog.pg_class AS v
                   WHERE v.oid = 'analytics_users'::regclass) AS is_current
    FROM (SELECT name, count(*) > 1 AS has_older,
                 (array_agg(valid_from ORDER BY version DESC))[1] AS valid_from,
                 (array_agg(valid_from ORDER BY version))[1] AS begins
          FROM analytics_rollups GROUP BY name) AS r
    LEFT JOIN (SELECT name, lower(stretch), upper(stretch)
               FROM (SELECT name, unnest(range_agg(tstzrange(lower, upper))) AS stretch
                     FROM analytics_rollup_pending GROUP BY name) AS stretches
              ) AS p (name, lower, upper) USING (name)
    LEFT JOIN (\(newColumns)) AS d ON d.name = r.name AND r.has_older
    """

  /// The dimensions and measures that the newest definitions have and older ones lack: each with the start of the
  /// first definition from which on all have it.
  private static let newColumns: SQL = """
    WITH versions AS MATERIALIZED (
        SELECT r.name, r.version, r.valid_from,
               definition::jsonb->'dimensions' || (definition::jsonb->'measures') AS columns
        FROM analytics_rollups AS r
        WHERE EXISTS (SELECT FROM analytics_rollups AS o
                      WHERE o.name = r.name AND o.version <> r.version))
    SELECT name, new_column, min(valid_from) AS known_from
    FROM (SELECT v.name, v.valid_from, c.value->>'name' AS new_column,
                 (SELECT max(o.version) FROM versions AS o
                  WHERE o.name = v.name
                    AND NOT o.columns @> jsonb_build_array(jsonb_build_object('name', c.value->'name'))
                 ) AS lacking, v.version
          FROM versions AS v CROSS JOIN jsonb_array_elements(v.columns) AS c) AS known
    WHERE version > lacking GROUP BY name, new_column
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
  /// - Parameters:
  ///   - dimensions: By what is told apart.
  ///   - measure: The distinct measure that is asked for; `nil` for others.
  mutating func cover(
    _ ranges: [Range<Date>], of rollup: Rollup, by dimensions: [String] = [],
    measure: String? = nil, onlyAdds: Bool = false
  ) -> RangeCover {
    let cover = RangeCover(ranges, rawFrom: rawFrom, cutAt: today, onlyAdds: onlyAdds)
    if cover.isRounded {
      note(
        "raw events are gone before \(Self.text(rawFrom)): a piece whose bound lies within a "
          + "quarter of an hour begins or ends with that quarter instead")
    }
    let lower = cover.pieces.map(\.lower).min() ?? .max
    let upper = cover.pieces.map(\.upper).max() ?? .min
    noteBeginning(of: rollup, after: lower)
    noteOlder(rollup, from: lower, by: dimensions)
    if let measure { noteUnknown(measure, of: rollup, after: lower) }
    if lower < upper { lookForPending(rollup, lower..<upper) }
    return cover
  }

  /// Notes what keeps figures of all time from being exact, as long as events still come in.
  ///
  /// - Parameter dimensions: By what is told apart.
  mutating func noteAllTime(of rollup: Rollup, by dimensions: [String]) {
    if !dimensions.isEmpty { noteOlder(rollup, from: .min, by: dimensions) }
    noteBeginning(of: rollup, after: .min)
    lookForPending(rollup, before: .distantFuture)
  }

  /// Notes before when a rollup has no figures, unless that is before an instant.
  mutating func noteBeginning(of rollup: Rollup, after lower: Int64) {
    guard let begins = standings[rollup.name]?.begins, begins > lower else { return }
    note(
      "there are no figures before \(Self.text(begins)): raw events before it were gone when the rollup "
        + "\(rollup.name) was defined")
  }

  /// Notes before when nothing is known of a measure, unless that is before an instant.
  mutating func noteUnknown(_ measure: String, of rollup: Rollup, after lower: Int64) {
    let knownFrom = knownFrom(measure, of: rollup)
    guard knownFrom > lower else { return }
    note(
      "\(measure) is not known before \(Self.text(knownFrom)): an older definition of the rollup "
        + "\(rollup.name) did not have it")
  }

  /// Since when a rollup has a measure or dimension; the distant past if all of its definitions have it.
  func knownFrom(_ column: String, of rollup: Rollup) -> Int64 {
    standings[rollup.name]?.newColumns[column] ?? .min
  }

  /// Notes where figures are those of an older definition, and where that does not tell apart what is asked
  /// for.
  private mutating func noteOlder(_ rollup: Rollup, from lower: Int64, by dimensions: [String]) {
    guard let standing = standings[rollup.name], let validFrom = standing.validFrom,
      validFrom > lower
    else { return }
    let missing = rollup.dimensions.map(\.name).filter {
      dimensions.contains($0) && standing.newColumns[$0] ?? .min > lower
    }
    let knownFrom = missing.compactMap { standing.newColumns[$0] }.max() ?? .min
    if !missing.isEmpty {
      note(
        "before \(Self.text(knownFrom)) there are no figures by \(missing.joined(separator: " and ")): "
          + "an older definition of the rollup \(rollup.name) did not tell them apart")
    }
    if knownFrom < validFrom {
      note(
        "before \(Self.text(validFrom)) the figures are those of an older definition of the "
          + "rollup \(rollup.name)")
    }
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
