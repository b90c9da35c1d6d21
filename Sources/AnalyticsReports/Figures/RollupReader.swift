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

  /// How a rollup stands.
  private struct Standing {
    /// Older days have the figures of an older definition.
    var validFrom: PostgresTimestamp?
    /// What is still to be computed lies in here.
    var pending: (lower: PostgresTimestamp, upper: PostgresTimestamp)?
  }

  init(_ connection: PostgresConnection) async throws(PostgresError) {
    self.connection = connection
    var standings: [String: Standing] = [:]
    var rawFrom = PostgresTimestamp.minusInfinity
    for row in try await connection.query(ReportStatement.standings.text()) {
      var standing = Standing()
      if try row.decode(Bool.self, "has_older") {
        standing.validFrom = try row.decode(PostgresTimestamp.self, "valid_from")
      }
      if let lower = try row.decode(PostgresTimestamp?.self, "pending_lower"),
        let upper = try row.decode(PostgresTimestamp?.self, "pending_upper")
      {
        standing.pending = (lower, upper)
      }
      standings[try row.decode(String.self, "name")] = standing
      rawFrom = try row.decode(PostgresTimestamp.self, "raw_from")
    }
    self.standings = standings
    self.rawFrom = rawFrom.microseconds
  }

  mutating func note(_ line: String) {
    if !notes.contains(line) { notes.append(line) }
  }

  /// Covers ranges, and notes what keeps a rollup's figures of them from being exact.
  mutating func cover(
    _ ranges: [Range<Date>], of rollup: Rollup, onlyAdds: Bool = false
  ) -> RangeCover {
    let cover = RangeCover(ranges, rawFrom: rawFrom, onlyAdds: onlyAdds)
    if cover.isRounded {
      note(
        "raw events are gone before \(Self.text(rawFrom)): a piece whose bound lies within a "
          + "quarter of an hour begins or ends with that quarter instead")
    }
    let lower = cover.pieces.map(\.lower).min() ?? .max
    let upper = cover.pieces.map(\.upper).max() ?? .min
    let standing = standings[rollup.name]
    if let validFrom = standing?.validFrom?.microseconds, validFrom > lower {
      note(
        "before \(Self.text(validFrom)) the figures are those of an older definition of the "
          + "rollup \(rollup.name)")
    }
    if let pending = standing?.pending, pending.lower.microseconds < upper,
      pending.upper.microseconds > lower
    {
      note(
        "events stored before the rollup \(rollup.name) was kept are still being added: "
          + "`analytics rollups` says how much is left")
    }
    return cover
  }

  private static func text(_ microseconds: Int64) -> String {
    PostgresTimestamp(microseconds: microseconds).date.map { LocalTime($0, in: .gmt).text } ?? "now"
  }
}
