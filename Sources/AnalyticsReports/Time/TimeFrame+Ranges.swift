internal import Foundation

extension TimeFrame {
  /// The pieces, as far as they lie in the range.
  var ranges: [Range<Date>] { buckets.map(\.range) }
}
