internal import Foundation

extension TimeFrame {
  /// The pieces, as far as they lie in the range.
  var ranges: [Range<Date>] { buckets.map(\.range) }

  /// Whether every piece begins and ends with a UTC day, so that days count as they are kept.
  var isWholeDays: Bool {
    buckets.allSatisfy { bucket in
      [bucket.range.lowerBound, bucket.range.upperBound].allSatisfy {
        $0.timeIntervalSince1970.truncatingRemainder(dividingBy: 86_400) == 0
      }
    }
  }

  /// Whether neither the first nor the last piece is cut off.
  var beginsAndEndsWithPiece: Bool {
    guard granularity != .total, let first = buckets.first, let last = buckets.last else {
      return false
    }
    let calendar = Calendar.analytics(in: zone)
    return first.start == range.lowerBound
      && calendar.start(after: last.start, granularity) == range.upperBound
  }
}
