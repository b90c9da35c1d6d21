internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import Foundation

/// The number of distinct members for each group and each of some ranges of time.
struct MemberCounts {
  private var counts: [Group: [Int: Int]] = [:]

  /// Adds the members of a chunk.
  ///
  /// - Parameter range: Returns the number here of a range of the chunk; `nil` to ignore the
  ///   range.
  mutating func add(_ chunk: MemberChunk, as range: (Int) -> Int? = { $0 }) {
    for (index, set) in chunk.sets {
      guard let range = range(index) else { continue }
      counts[chunk.group, default: [:]][range, default: 0] += set.count
    }
  }

  /// The groups that have members, in any order.
  var groups: [Group] { Array(counts.keys) }

  /// The number of members; 0 if there are none.
  subscript(group: Group, range: Int) -> Int { counts[group]?[range] ?? 0 }
}

extension RollupReader {
  /// Counts members, each once in a range.
  ///
  /// - Parameters:
  ///   - measure: The name of the distinct measure.
  ///   - ranges: The ranges, which may overlap.
  ///   - dimensions: The dimensions to group by. A member with several values of other dimensions
  ///     counts once.
  mutating func members(
    _ measure: String, of rollup: Rollup, in ranges: [Range<Date>],
    by dimensions: [String] = [], where filter: DimensionFilter = []
  ) async throws(PostgresError) -> MemberCounts {
    try await members(
      MemberQuery(measure, of: rollup, by: dimensions, where: filter), in: ranges)
  }

  /// Counts members, each once in a range.
  mutating func members(
    _ query: MemberQuery, in ranges: [Range<Date>]
  ) async throws(PostgresError) -> MemberCounts {
    var result = MemberCounts()
    let cover = cover(
      ranges, of: query.rollup, by: query.dimensions + query.filter.dimensions,
      measure: query.measure.name, onlyAdds: true)
    try await sets(query, cover) { result.add($0) }
    warnAboutOthers(of: query.rollup, in: result.groups, by: query.dimensions)
    return result
  }

  /// Calls `body` with the members of each range of a cover, chunk by chunk, and group by group
  /// within a chunk. Each range comes once with each chunk and group that has members in it.
  ///
  /// - Parameters:
  ///   - cover: A cover that only adds.
  ///   - united: For each range, the number that `body` gets. Ranges with the same number are
  ///     merged, and the number may come several times with a chunk.
  ///   - end: Called when all members were given of the chunks that came since its last call.
  func sets(
    _ query: MemberQuery, _ cover: RangeCover, united: [Int]? = nil,
    _ body: (MemberChunk) -> Void, end: () -> Void = {}
  ) async throws(PostgresError) {
    let batches = MemberPieces.batches(cover)
    var query = query
    query.raw = try await dimensions(
      of: query.rollup, in: cover.pieces.filter { $0.level == .raw },
      isNeeded: !query.dimensions.isEmpty || !query.filter.isEmpty)
    let pending = try await pending(query, cover)
    for chunks in try await chunks(of: query.source) {
      for batch in batches {
        var rows = MemberRows()
        var first = 0
        for level in RangeCover.Level.allCases {
          let pieces = batch.pieces.filter { $0.level == level }
          guard !pieces.isEmpty else { continue }
          let dimensions = query.dimensions.count
          switch level {
          case .daily:
            try rows.add(
              try await connection.query(query.daily(pieces, chunks)), .bits,
              dimensions: dimensions, firstPiece: first)
          case .quarterly:
            try await rows.add(
              copying: query.quarterly(pieces, chunks), on: connection, dimensions: dimensions,
              pieces: pieces, firstPiece: first)
          case .raw:
            try rows.add(
              try await connection.query(query.raw(pieces, chunks)), .places,
              dimensions: dimensions, firstPiece: first)
          }
          if level != .raw, let pending {
            try rows.add(
              pending, dimensions: dimensions, chunks: chunks, pieces: pieces, firstPiece: first)
          }
          first += pieces.count
        }
        let ranges = united.map { united in batch.ranges.map { $0.map { united[$0] } } }
        try rows.forEachChunk(ranges ?? batch.ranges, body)
      }
      end()
    }
  }

  /// Reads the members in pending events on the days and quarters of an hour of a cover; `nil` if
  /// it has neither. They are read once for both, because the server looks up the numbers of their
  /// members each time.
  private func pending(
    _ query: MemberQuery, _ cover: RangeCover
  ) async throws(PostgresError) -> PostgresRows? {
    let pieces = cover.rollupPieces.map { cover.pieces[$0] }
    guard let lower = pieces.map(\.lower).min(), let upper = pieces.map(\.upper).max() else {
      return nil
    }
    return try await connection.query(query.pending(from: lower, to: upper))
  }

  /// Returns the runs of chunks that are read together. So many members take time, but no more
  /// memory. Pending events may have members beyond the last chunk, so the last run has no end.
  private func chunks(of source: Source) async throws(PostgresError) -> [Range<Int>] {
    let next: Int = try await connection.query(
      "SELECT analytics_next_number(\(source.kind))"
    ).value()
    let last = next / MemberSet.placeCount / Self.chunksMax
    return (0...last).map { run in
      run * Self.chunksMax..<(run == last ? Int(Int32.max) : (run + 1) * Self.chunksMax)
    }
  }

  /// The chunks of two million members: about 20 MB for the sets of 90 days.
  private static let chunksMax = 64

  /// Returns the same cover as ``cover(_:of:by:measure:onlyAdds:)`` for members, without any
  /// warnings.
  func memberCover(_ ranges: [Range<Int64>]) -> RangeCover {
    RangeCover(
      ranges.map { Self.range($0.lowerBound, $0.upperBound) }, rawFrom: rawFrom, cutAt: today,
      onlyAdds: true)
  }

  static func range(_ lower: Int64, _ upper: Int64) -> Range<Date> {
    let date = { (instant: Int64) in
      PostgresTimestamp(microseconds: instant).date ?? .distantFuture
    }
    return date(lower)..<date(upper)
  }
}
