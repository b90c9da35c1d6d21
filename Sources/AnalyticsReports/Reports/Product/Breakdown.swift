internal import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

/// How many events of a type there were, and of how many users, by the values of a property.
///
/// There is a row for each bucket and each value shown, including those in which nothing happened.
/// The ``limit`` values with the most events in the whole range are shown; ties are decided by byte
/// order. All other values are combined as ``Series/Value/others``, where a user counts once, too.
/// Events without the property are ``Series/Value/absent``, which is ranked like a value. Values
/// are cut to 200 characters. The report reads raw events, so it is exact in every time zone, and
/// to the microsecond.
///
/// Columns: time; the property, under the name requested, or as `data.NAME` if a column of the
/// report has that name; `events`; `users`.
public struct Breakdown: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "breakdown"
  /// See ``CataloguedReport``.
  public static let summary =
    "How many events of a type there were, and of how many users, by the values of a property."
  /// See ``CataloguedReport``.
  public static let parameters =
    ReportParameter.frame + [.event, .property, .condition, .breakdownLimit]

  /// The events to count.
  public var events: EventSelection
  /// The property to group by; `nil` for a single group.
  public var property: EventProperty?
  /// The range, its buckets and its time zone.
  public var frame: TimeFrame
  /// How many values are shown by name; 1 to ``limitMax``.
  public var limit: Int

  /// The largest ``limit``.
  public static let limitMax = 100
  /// The ``limit`` where none is given.
  public static let limitDefault = 10
  /// The maximum number of rows.
  public static let rowsMax = 100_000
  /// The names of the report's own columns, and of members of its rows in JSON, for any length of
  /// buckets.
  private static let ownColumns = [
    "hour", "day", "week", "month", "from", "events", "users", "is_other", "partial",
  ]

  /// The value shown if there is no property.
  private static let all = "all"

  /// Makes a report.
  public init(
    of events: EventSelection, by property: EventProperty?, in frame: TimeFrame,
    limit: Int = limitDefault
  ) {
    self.events = events
    self.property = property
    self.frame = frame
    self.limit = limit
  }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(
      of: EventSelection(try parameters.required(.event), where: try parameters.conditions()),
      by: parameters.text(.property).map { EventProperty($0) }, in: try parameters.frame(),
      limit: try parameters.integer(.breakdownLimit) ?? Self.limitDefault)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try ReportParameter.breakdownLimit.check(limit)
    guard frame.buckets.count * (limit + 1) <= Self.rowsMax else {
      throw .invalid(
        "granularity",
        "\(frame.buckets.count) buckets with \(limit) values each are too many: choose "
          + "longer buckets, a shorter range or a lower limit")
    }
    return try await database.series { reader in
      try await reader.check(events, called: ("event", "where"), by: property, in: frame.range)
      return try await series(&reader)
    }
  }

  private func series(_ reader: inout RollupReader) async throws(PostgresError) -> Series {
    var counts: [[Series.Value: (events: Int, users: Int)]] = frame.buckets.map { _ in [:] }
    // The rank of each value: the most frequent first, the others last.
    var shown: [Series.Value: Int] = property == nil ? [.text(Self.all): 1] : [:]
    var values = 0
    for row in try await reader.connection.query(sql) {
      let value = try Self.value(row)
      shown[value] = try row.decode(Int?.self, "rank") ?? .max
      values = max(values, try row.decode(Int?.self, "keys") ?? 0)
      counts[try row.decode(Int.self, "bucket") - 1][value] = (
        try row.decode(Int.self, "events"), try row.decode(Int.self, "users")
      )
    }
    let inOrder = shown.sorted { $0.value < $1.value }.map(\.key)
    let rows = zip(frame.buckets, counts).flatMap { bucket, counts in
      inOrder.map { value -> [Series.Value] in
        let (events, users) = counts[value] ?? (0, 0)
        return [.instant(bucket.start), value, .integer(events), .integer(users)]
      }
    }
    reader.warnAboutRetention(from: frame.range.lowerBound, "older buckets are empty")
    if values > limit {
      reader.warn(
        "\(values - limit) further values are combined in the row \(Series.Value.othersLabel)")
    }
    return Series(
      name: Self.name, frame: frame,
      columns: [
        frame.column,
        property.map { .init($0.name(besides: Self.ownColumns), .propertyValue) }
          ?? .init("events_of", .text),
        .init("events", .events), .init("users", .users),
      ], rows: rows)
  }

  /// The statement. It keeps the values with the most events and combines all others. The key is
  /// `=` and the value, so that an empty value differs from an absent one.
  private var sql: SQL {
    """
    WITH chosen AS (
        SELECT width_bucket(e.timestamp, \(frame.buckets.map(\.range.lowerBound))) AS bucket,
               e.user_id,
               coalesce('=' || left(\(property?.sql ?? SQL.literal(Self.all)), 200), '') COLLATE "C" AS key
        FROM analytics_events AS e
        WHERE e.timestamp >= \(frame.range.lowerBound) AND e.timestamp < \(frame.range.upperBound)
          AND \(events.sql)
    ), kept AS (
        SELECT key, row_number() OVER (ORDER BY count(*) DESC, key) AS rank, count(*) OVER () AS keys
        FROM chosen GROUP BY key ORDER BY rank LIMIT \(limit)
    )
    SELECT bucket, substr(kept.key, 2) AS value, kept.key = '' AS is_absent, kept.rank, max(kept.keys) AS keys,
           count(*) AS events, count(DISTINCT user_id) AS users
    FROM chosen LEFT JOIN kept USING (key)
    GROUP BY bucket, kept.key, kept.rank ORDER BY bucket, kept.rank
    """
  }

  private static func value(_ row: PostgresRow) throws(PostgresError) -> Series.Value {
    switch try row.decode(Bool?.self, "is_absent") {
    case nil: .others
    case true?: .absent
    case false?: .text(try row.decode(String.self, "value"))
    }
  }
}

extension ReportParameter {
  package static let event = ReportParameter(
    "event", .text("type"), "the type of the events to count", isRequired: true)
  package static let property = ReportParameter(
    "property", .text("name"),
    "the property to group by: service, environment, hostname, user_id or the name of a field; "
      + "data.NAME is always a field; by default there are no groups")
  package static let condition = ReportParameter(
    "where", .text("condition"),
    "only events with name=value, name!=value, name>number (also >= < <=), name (present) or "
      + "!name (absent); a name that contains an operator must be in double quotes",
    isRepeatable: true)
  package static let breakdownLimit = limit(
    1...Breakdown.limitMax, default: Breakdown.limitDefault)
}

extension ReportParameters {
  fileprivate func conditions() throws(ReportError) -> [PropertyCondition] {
    var conditions: [PropertyCondition] = []
    for text in texts(.condition) { conditions.append(try PropertyCondition(text)) }
    return conditions
  }
}
