internal import Analytics
internal import AnalyticsText

extension EventBatch {
  /// The range of time that the rows cover, one range per UTC day, as text for `tstzmultirange`. If
  /// there are more than ``timesMax`` days, it is a single range.
  ///
  /// - Precondition: The rows are sorted by key.
  var storedTimes: String {
    var pieces: [ClosedRange<Int64>] = []
    forEachRow { row in
      // Rows outside the supported years are not stored, but the text must still be valid.
      let instant = min(
        max(row.timestamp.microsecondsSinceUnixEpoch, RFC3339.supported.lowerBound),
        RFC3339.supported.upperBound - 1)
      guard let last = pieces.last,
        PartitionCache.day(of: last.lowerBound) == PartitionCache.day(of: instant)
      else { return pieces.append(instant...instant) }
      pieces[pieces.count - 1] = last.lowerBound...instant
    }
    if pieces.count > Self.timesMax, let first = pieces.first, let last = pieces.last {
      pieces = [first.lowerBound...last.upperBound]
    }
    let texts = pieces.map {
      "[\(RFC3339.text(microseconds: $0.lowerBound)),\(RFC3339.text(microseconds: $0.upperBound))]"
    }
    return "{\(texts.joined(separator: ","))}"
  }

  private static let timesMax = 32
}
