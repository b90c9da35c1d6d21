internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import Foundation

/// Reads rollups in one transaction, and collects warnings about figures that are not exact.
struct RollupReader {
  let connection: PostgresConnection
  /// The start of the raw events, in microseconds since 2000.
  let rawFrom: Int64
  private let states: [String: State]
  private(set) var warnings: [String] = []
  /// The time of the read. If figures that were read have stretches of time left to compute, the
  /// start of the first one.
  private(set) var completeUntil: Date?
  /// The time of the read; `nil` if there are no rollups.
  private(set) var readAt: Date?
  /// The cache of earlier reads.
  let cache: FigureCache
  /// Whether no rollup has anything left to compute.
  var isEverythingComputed: Bool { states.values.allSatisfy(\.pending.isEmpty) }
  /// The versions of UTC days, as far as they were read: see ``FigureCache``.
  var dayVersions: [Int64: Int64]?
  var versionedDays: Range<Int64> = 0..<0

  /// The state of a rollup.
  private struct State {
    /// The start of its figures. Raw events before it were gone when the rollup was first defined.
    var begins = Int64.min
    /// Before this, figures are those of an older definition; `nil` if there is none.
    var validFrom: Int64?
    /// The dimensions and measures that older definitions lack, and since when all definitions have
    /// them.
    var newColumns: [String: Int64] = [:]
    /// The stretches of time that are still to be computed.
    var pending: [Range<Int64>] = []
  }

  /// Thrown if the views are newer than the snapshot, which may lack the rows that they rely on.
  struct Outdated: Error {}

  /// - Throws: ``Outdated``, or a `PostgresError`.
  init(_ connection: PostgresConnection, _ caches: FigureCacheHolder) async throws {
    self.connection = connection
    var source = ""
    var states: [String: State] = [:]
    var rawFrom = PostgresTimestamp.minusInfinity
    for row in try await connection.query(Self.states) {
      guard try row.decode(Bool.self, "is_current") else { throw Outdated() }
      var state = states[try row.decode(String.self, "name")] ?? State()
      state.begins = try row.decode(PostgresTimestamp.self, "begins").microseconds
      if try row.decode(Bool.self, "has_older") {
        state.validFrom = try row.decode(PostgresTimestamp.self, "valid_from").microseconds
        if let name = try row.decode(String?.self, "new_column") {
          state.newColumns[name] = try row.decode(PostgresTimestamp.self, "known_from")
            .microseconds
        }
      }
      if let lower = try row.decode(PostgresTimestamp?.self, "pending_lower"),
        let upper = try row.decode(PostgresTimestamp?.self, "pending_upper")
      {
        state.pending.append(lower.microseconds..<upper.microseconds)
      }
      states[try row.decode(String.self, "name")] = state
      rawFrom = try row.decode(PostgresTimestamp.self, "raw_from")
      readAt = try row.decode(Date.self, "read_at")
      source = try row.decode(String.self, "source")
    }
    self.states = states
    self.rawFrom = rawFrom.microseconds
    completeUntil = readAt
    cache = caches.cache(of: source)
  }

  /// The state of each rollup: since when its newest definition holds, with a row for each
  /// dimension and measure that an older definition lacks, and for each stretch of time that is
  /// still to be computed.
  private static let states: SQL = """
    SELECT r.name, r.has_older, r.valid_from, r.begins, d.new_column, d.known_from,
           p.lower AS pending_lower, p.upper AS pending_upper,
           coalesce((SELECT dropped_before FROM analytics_retention), '-infinity') AS raw_from,
           now() AS read_at,
           -- A new rollup recreates the views. An erasure replaces the trigger, at its start and at its end. Both
           -- change `source`. The tables of PostgreSQL's system catalogue are read as of this snapshot, whereas
           -- a lookup of a name finds its latest state.
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

  /// The dimensions and measures that the newest definitions have and older ones lack, each with
  /// the start of the first definition from which on all definitions have it.
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

  /// Returns whether a rollup has nothing left to compute.
  func isComputed(_ rollup: Rollup) -> Bool { states[rollup.name]?.pending.isEmpty ?? false }

  /// The start of the UTC day of the snapshot.
  var today: Int64? {
    readAt.map { PostgresTimestamp($0).microseconds.floored(to: RangeCover.day) }
  }

  mutating func warn(_ line: String) {
    if !warnings.contains(line) { warnings.append(line) }
  }

  /// Returns a cover of ranges. Adds warnings about what keeps a rollup's figures of these ranges
  /// from being exact.
  ///
  /// - Parameters:
  ///   - dimensions: The dimensions that the query groups or filters by.
  ///   - measure: The distinct measure that is read; `nil` for additive measures.
  mutating func cover(
    _ ranges: [Range<Date>], of rollup: Rollup, by dimensions: [String] = [],
    measure: String? = nil, onlyAdds: Bool = false
  ) -> RangeCover {
    let cover = RangeCover(ranges, rawFrom: rawFrom, cutAt: today, onlyAdds: onlyAdds)
    if cover.isRounded {
      warn(
        "raw events are gone before \(Self.text(rawFrom)): a bucket that begins or ends "
          + "within a quarter of an hour begins or ends with the start of that quarter instead")
    }
    let lower = cover.pieces.map(\.lower).min() ?? .max
    let upper = cover.pieces.map(\.upper).max() ?? .min
    warnAboutBeginning(of: rollup, after: lower)
    warnAboutOlderDefinition(rollup, from: lower, by: dimensions)
    if let measure { warnAboutMissingMeasure(measure, of: rollup, after: lower) }
    if lower < upper { warnAboutPending(rollup, lower..<upper) }
    return cover
  }

  /// Adds warnings about what keeps figures of all time from being exact, while events still come
  /// in.
  ///
  /// - Parameter dimensions: The dimensions that the query groups or filters by.
  mutating func warnAboutAllTime(of rollup: Rollup, by dimensions: [String]) {
    if !dimensions.isEmpty { warnAboutOlderDefinition(rollup, from: .min, by: dimensions) }
    warnAboutBeginning(of: rollup, after: .min)
    warnAboutPending(rollup, before: .distantFuture)
  }

  /// Adds a warning if a rollup has no figures before its beginning, and that is after an instant.
  mutating func warnAboutBeginning(of rollup: Rollup, after lower: Int64) {
    guard let begins = states[rollup.name]?.begins, begins > lower else { return }
    warn(
      "there are no figures before \(Self.text(begins)): raw events before it were gone when the rollup "
        + "\(rollup.name) was defined")
  }

  /// Adds a warning if a measure is known only from a time after an instant.
  mutating func warnAboutMissingMeasure(_ measure: String, of rollup: Rollup, after lower: Int64) {
    let knownFrom = knownFrom(measure, of: rollup)
    guard knownFrom > lower else { return }
    warn(
      "\(measure) is not known before \(Self.text(knownFrom)): an older definition of the rollup "
        + "\(rollup.name) did not have it")
  }

  /// Returns since when a rollup has a measure or dimension; `Int64.min` if all of its definitions
  /// have it.
  func knownFrom(_ column: String, of rollup: Rollup) -> Int64 {
    states[rollup.name]?.newColumns[column] ?? .min
  }

  /// Adds warnings if figures are those of an older definition, and if that definition does not
  /// have dimensions that the query uses.
  private mutating func warnAboutOlderDefinition(
    _ rollup: Rollup, from lower: Int64, by dimensions: [String]
  ) {
    guard let state = states[rollup.name], let validFrom = state.validFrom,
      validFrom > lower
    else { return }
    let missing = rollup.dimensions.map(\.name).filter {
      dimensions.contains($0) && state.newColumns[$0] ?? .min > lower
    }
    let knownFrom = missing.compactMap { state.newColumns[$0] }.max() ?? .min
    if !missing.isEmpty {
      warn(
        "before \(Self.text(knownFrom)) there are no figures by \(missing.joined(separator: " and ")): "
          + "an older definition of the rollup \(rollup.name) did not have these dimensions")
    }
    if knownFrom < validFrom {
      warn(
        "before \(Self.text(validFrom)) the figures are those of an older definition of the "
          + "rollup \(rollup.name)")
    }
  }

  /// Adds a warning if a rollup has events left to compute before an instant. Used for figures that
  /// depend on the whole past.
  mutating func warnAboutPending(_ rollup: Rollup, before end: Date) {
    warnAboutPending(rollup, .min..<PostgresTimestamp(end).microseconds)
  }

  private mutating func warnAboutPending(_ rollup: Rollup, _ range: Range<Int64>) {
    let pending = (states[rollup.name]?.pending ?? []).filter { $0.overlaps(range) }
    guard let first = pending.map(\.lowerBound).min(),
      let start = PostgresTimestamp(microseconds: first).date
    else { return }
    completeUntil = min(completeUntil ?? start, start)
    warn(
      "events from \(Self.text(first)) on are not in the rollup \(rollup.name) yet: "
        + "run `analytics rollups refresh`")
  }

  static func text(_ microseconds: Int64) -> String {
    PostgresTimestamp(microseconds: microseconds).date.map { LocalTime($0, in: .gmt).text } ?? "now"
  }
}
