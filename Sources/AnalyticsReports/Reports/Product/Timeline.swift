internal import AnalyticsPostgres
internal import AnalyticsText
public import Foundation

/// The events of one user, newest first, in pages.
///
/// Pages are cut by (timestamp, id). So no event is shown twice or left out between two pages,
/// unless it was stored in the meantime.
public struct Timeline: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "timeline"
  /// See ``CataloguedReport``.
  public static let summary = "The events of one user, the newest first."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.range + [.user, .before, .timelineLimit]

  /// The user whose events are shown.
  public var user: UUID
  /// The range of the events; `nil` for all time.
  public var range: Range<Date>?
  /// The time zone of the times shown.
  public var zone: TimeZone
  /// The key of the last event on the page before; `nil` for the first page.
  public var before: Key?
  /// The number of events on a page; 1 to ``limitMax``.
  public var limit: Int

  /// The maximum number of events on a page.
  public static let limitMax = 1000
  /// The ``limit`` where none is given.
  public static let limitDefault = 100

  /// The key by which events are sorted.
  public struct Key: Hashable, Sendable, CustomStringConvertible {
    /// When the event happened.
    public var timestamp: Date
    /// The id of the event.
    public var id: UUID

    /// Makes a key.
    public init(timestamp: Date, id: UUID) {
      self.timestamp = timestamp
      self.id = id
    }

    /// Parses a ``description``.
    ///
    /// - Returns: `nil` if it cannot be parsed.
    public init?(_ text: String) {
      let parts = text.split(at: ",")
      guard parts.count == 2, let microseconds = Int64(parts[0]),
        let id = UUID(uuidString: String(parts[1]))
      else { return nil }
      self.init(timestamp: Date(microsecondsSinceUnixEpoch: microseconds), id: id)
    }

    /// Microseconds since 1970, a comma, and the id.
    public var description: String {
      "\(timestamp.microsecondsSinceUnixEpoch),\(id.uuidString.lowercased())"
    }
  }

  /// Makes a report.
  public init(
    of user: UUID, in range: Range<Date>? = nil, before: Key? = nil,
    limit: Int = limitDefault, zone: TimeZone = .gmt
  ) {
    self.user = user
    self.range = range
    self.before = before
    self.limit = limit
    self.zone = zone
  }

  /// See ``CataloguedReport``. Without a range, the report covers all time.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    let text = try parameters.required(.user)
    guard let user = UUID(uuidString: text) else { throw parameters.refusal(.user, text) }
    var before: Key?
    if let text = parameters.text(.before) {
      before = Key(text)
      if before == nil {
        throw parameters.refusal(.before, text, rule: "must be the key that the previous page gave")
      }
    }
    let frame = try parameters.frame(by: .total)
    let hasRange = parameters.text(.from) != nil || parameters.text(.to) != nil
    self.init(
      of: user, in: hasRange ? frame.range : nil, before: before,
      limit: try parameters.integer(.timelineLimit) ?? Self.limitDefault, zone: frame.zone)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try ReportParameter.timelineLimit.check(limit)
    return try await database.series { reader in try await series(&reader) }
  }

  private func series(_ reader: inout RollupReader) async throws(PostgresError) -> Series {
    // The keys come first: a user may have very many events, and their content need not be sorted.
    // One event more than requested tells whether there is a next page.
    let found = try await reader.connection.query(
      """
      WITH keys AS MATERIALIZED (
          SELECT e.timestamp, e.id FROM analytics_events AS e
          WHERE e.user_id = \(user)\(condition)
      ), page AS MATERIALIZED (
          SELECT timestamp, id FROM keys ORDER BY timestamp DESC, id DESC LIMIT \(limit + 1)
      )
      SELECT e.timestamp, e.id, e.event_type, e.service, e.environment, e.hostname, e.data
      FROM page JOIN analytics_events AS e USING (timestamp, id)
      ORDER BY e.timestamp DESC, e.id DESC
      """)
    var rows: [[Series.Value]] = []
    var last: Key?
    for row in found.prefix(limit) {
      let key = Key(
        timestamp: try row.decode(Date.self, "timestamp"), id: try row.decode(UUID.self, "id"))
      rows.append(
        [.instant(key.timestamp), .text(key.id.uuidString.lowercased())]
          + (try ["event_type", "service", "environment", "hostname", "data"].map {
            column throws(PostgresError) in
            try row.decode(String?.self, column).map(Series.Value.text) ?? .null
          }))
      last = key
    }
    reader.warnAboutRetention(from: range?.lowerBound ?? .distantPast, "they are not shown")
    var series = Series(
      name: Self.name, range: range, zone: zone,
      columns: [
        .init("time", .instant), .init("id", .text), .init("event_type", .text),
        .init("service", .text), .init("environment", .text), .init("hostname", .text),
        .init("data", .text),
      ], rows: rows)
    if found.count > limit, let last {
      series.nextPage = .init(parameter: ReportParameter.before.name, value: "\(last)")
    }
    return series
  }

  private var condition: SQL {
    var condition: SQL = ""
    if let range {
      condition += """
         AND e.timestamp >= \(range.lowerBound) AND e.timestamp < \(range.upperBound)
        """
    }
    if let before {
      // The first condition alone lets the server skip newer partitions.
      condition += """
         AND e.timestamp <= \(before.timestamp)
         AND (e.timestamp, e.id) < (\(before.timestamp), \(before.id))
        """
    }
    return condition
  }
}

extension ReportParameter {
  static let user = ReportParameter("user", .uuid, "the user's id", isRequired: true)
  static let before = ReportParameter(
    "before", .text("key"), "shows the next page: the key that the previous page gave")
  fileprivate static let timelineLimit = limit(
    1...Timeline.limitMax, default: Timeline.limitDefault)
}
