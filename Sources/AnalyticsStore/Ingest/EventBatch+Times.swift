internal import Analytics
internal import AnalyticsText

extension EventBatch {
  /// Where the rows lie, a piece a UTC day, as `tstzmultirange` reads it; of many days one for all.
  ///
  /// - Precondition: The rows are in the order of their keys.
  var storedTimes: String {
    var pieces: [ClosedRange<Int64>] = []
    forEachRow { row in
      // Nothing beyond is stored, but a range has to be written.
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
