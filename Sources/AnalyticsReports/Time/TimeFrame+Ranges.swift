internal import Foundation

extension TimeFrame {
  /// The pieces, as far as they lie in the range.
  var ranges: [Range<Date>] { buckets.map(\.range) }

  /// Whether neither the first nor the last piece is cut off.
  var beginsAndEndsWithPiece: Bool {
    guard granularity != .total, let first = buckets.first, let last = buckets.last else {
      return false
    }
    return first.start == range.lowerBound
      && ZoneCalendar(zone).start(after: last.start, granularity) == range.upperBound
  }
}
