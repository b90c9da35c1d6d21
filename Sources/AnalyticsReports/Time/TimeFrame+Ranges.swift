internal import Foundation

extension TimeFrame {
  /// The buckets, cut off at the ends of the range.
  var ranges: [Range<Date>] { buckets.map(\.range) }
}
