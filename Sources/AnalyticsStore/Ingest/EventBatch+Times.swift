internal import Analytics
internal import AnalyticsText

extension EventBatch {
  /// The range of time that the rows cover, one range per UTC day, as text for `tstzmultirange`. If
  /// there are more than ``timesMax`` days, it is a single range.
  ///
  /// - Precondition: The rows are sorted by key.
  var storedTimes: String {
    var ranges: [ClosedRange<Int64>] = []
    forEachRow { row in
      // Rows outside the supported years are not stored, but the text must still be valid.
      let instant = min(
        max(row.timestamp.microsecondsSinceUnixEpoch, RFC3339.supported.lowerBound),
        RFC3339.supported.upperBound - 1)
      guard let last = ranges.last,
        PartitionCache.day(of: last.lowerBound) == PartitionCache.day(of: instant)
      else { return ranges.append(instant...instant) }
      ranges[ranges.count - 1] = last.lowerBound...instant
    }
    if ranges.count > Self.timesMax, let first = ranges.first, let last = ranges.last {
      ranges = [first.lowerBound...last.upperBound]
    }
    let texts = ranges.map {
      "[\(RFC3339.text(microseconds: $0.lowerBound)),\(RFC3339.text(microseconds: $0.upperBound))]"
    }
    return "{\(texts.joined(separator: ","))}"
  }

  private static let timesMax = 32
}
