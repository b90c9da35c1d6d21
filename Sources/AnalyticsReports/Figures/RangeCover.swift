internal import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

/// The rows of a rollup that make up ranges of time, in any time zone.
///
/// Figures that can be subtracted are read as the nearest run of whole UTC days. Quarters of an
/// hour correct it at both ends: they are added where the run is too short, and subtracted where it
/// is too long. So a local day costs its UTC day and at most twelve hours of quarters at each end,
/// and two days that meet share the quarters there. Other figures (maxima, samples, members) are
/// read as whole days, with quarters around them. Time finer than a quarter is read from raw
/// events. Where those are gone, a range begins and ends with the start of the quarter that its
/// bound lies in.
///
/// Instants are microseconds since 2000-01-01 00:00 UTC.
struct RangeCover {
  /// The kind of rows that are read: days, quarters of an hour, or raw events.
  enum Level: CaseIterable {
    case daily
    case quarterly
    case raw
  }

  /// Rows that are read together: those in [lower, upper).
  struct Piece: Hashable {
    var level: Level
    var lower: Int64
    var upper: Int64
  }

  /// The part of a piece in a range: added (1) or subtracted (-1).
  struct Share: Hashable {
    var range: Int
    var sign: Int
  }

  /// The pieces. Each occurs once, however many ranges share it.
  private(set) var pieces: [Piece] = []
  /// The shares of each piece.
  private(set) var shares: [[Share]] = []
  /// Whether a range was rounded to quarters, because raw events were missing.
  private(set) var isRounded = false
  private var positions: [Piece: Int] = [:]
  private let rawFrom: Int64
  private let cut: Int64?

  /// The indices of the pieces that are days or quarters of an hour.
  var rollupPieces: [Int] { pieces.indices.filter { pieces[$0].level != .raw } }

  static let quarter: Int64 = 900_000_000
  static let day = CivilDate.microsecondsPerDay

  /// - Parameters:
  ///   - rawFrom: The start of the raw events.
  ///   - cut: A midnight in UTC that no run of days crosses: that of today, so that the days
  ///     before need not be read again.
  ///   - onlyAdds: Whether figures cannot be subtracted.
  init(
    _ ranges: [Range<Date>], rawFrom: Int64, cutAt cut: Int64? = nil, onlyAdds: Bool = false
  ) {
    self.rawFrom = rawFrom
    self.cut = cut
    for (index, range) in ranges.enumerated() {
      let lower = PostgresTimestamp(range.lowerBound).microseconds
      let upper = PostgresTimestamp(range.upperBound).microseconds
      if onlyAdds {
        addWithin(lower, upper, index)
      } else {
        add(lower, upper, index)
      }
    }
  }

  private mutating func add(_ lower: Int64, _ upper: Int64, _ index: Int) {
    let more = Share(range: index, sign: 1)
    let less = Share(range: index, sign: -1)
    let first = lower.floored(to: Self.quarter)
    let last = upper.floored(to: Self.quarter)
    raw(first, lower, less)
    raw(last, upper, more)
    let start = (first + Self.day / 2).floored(to: Self.day)
    let end = (last + Self.day / 2).floored(to: Self.day)
    guard start < end else { return share(.quarterly, first, last, more) }
    shareDays(start, end, more)
    share(.quarterly, first, start, more)
    share(.quarterly, start, first, less)
    share(.quarterly, end, last, more)
    share(.quarterly, last, end, less)
  }

  private mutating func addWithin(_ lower: Int64, _ upper: Int64, _ index: Int) {
    let more = Share(range: index, sign: 1)
    var first = lower.floored(to: Self.quarter)
    let last = upper.floored(to: Self.quarter)
    if first < lower, first < last, hasRawEvents(at: first) {
      first += Self.quarter
      raw(lower, first, more)
    }
    // Both ends may lie in one quarter.
    raw(max(last, lower), upper, more)
    let start = -(-first).floored(to: Self.day)
    let end = last.floored(to: Self.day)
    guard start < end else { return share(.quarterly, first, last, more) }
    share(.quarterly, first, start, more)
    shareDays(start, end, more)
    share(.quarterly, end, last, more)
  }

  private mutating func shareDays(_ start: Int64, _ end: Int64, _ part: Share) {
    let middle = cut.map { min(max($0, start), end) } ?? end
    share(.daily, start, middle, part)
    share(.daily, middle, end, part)
  }

  private mutating func raw(_ lower: Int64, _ upper: Int64, _ part: Share) {
    if lower < upper, hasRawEvents(at: lower) { share(.raw, lower, upper, part) }
  }

  private mutating func hasRawEvents(at instant: Int64) -> Bool {
    if instant < rawFrom { isRounded = true }
    return instant >= rawFrom
  }

  private mutating func share(_ level: Level, _ lower: Int64, _ upper: Int64, _ part: Share) {
    guard lower < upper else { return }
    let piece = Piece(level: level, lower: lower, upper: upper)
    if let position = positions[piece] {
      shares[position].append(part)
    } else {
      positions[piece] = pieces.count
      pieces.append(piece)
      shares.append([part])
    }
  }
}

extension [RangeCover.Piece] {
  /// The time of the pieces, cut at all their bounds: the start of each stretch, and the indices of
  /// the pieces that contain it. A stretch ends where the next one begins; the last one is empty.
  var stretches: [(lower: Int64, pieces: [Int])] {
    let bounds = Set(flatMap { [$0.lower, $0.upper] }).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(bounds, bounds.indices))
    var stretches = bounds.map { (lower: $0, pieces: [Int]()) }
    for (index, piece) in enumerated() {
      guard let first = places[piece.lower], let end = places[piece.upper] else { continue }
      for place in first..<end { stretches[place].pieces.append(index) }
    }
    return stretches
  }
}

extension Int64 {
  /// Returns the multiple of `step` at or before this number.
  func floored(to step: Int64) -> Int64 {
    self - flooredDivision(by: step).remainder
  }
}
