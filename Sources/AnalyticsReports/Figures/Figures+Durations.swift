extension Figures.Cell {
  /// Average and percentiles of `duration_ms`, for ``Series/Column/durations(_:)``.
  func durations(_ percentiles: [Percentile]) throws(ReportError) -> [Series.Value] {
    let histogram = try histogram("duration_ms")
    let count = histogram.count
    let average: Series.Value =
      count == 0 ? .null : .number(sum("duration_ms_sum") / Double(count))
    return [average] + percentiles.map { .optional(histogram.percentile($0, of: count)) }
  }
}

extension [Series.Column] {
  /// Average and percentiles of durations, in milliseconds; NULL without any.
  static func durations(_ percentiles: [Percentile]) -> [Series.Column] {
    [.init("avg_duration_ms", .milliseconds)]
      + percentiles.map { .init("\($0.name)_duration_ms", .milliseconds) }
  }
}

extension ReportParameters {
  /// Which percentiles are wanted, in their order.
  func percentiles(default standard: [Percentile]) throws(ReportError) -> [Percentile] {
    let given = texts(.percentile)
    guard !given.isEmpty else { return standard }
    var percentiles: [Percentile] = []
    for text in given {
      guard let percentile = Percentile(text) else {
        throw refusal(.percentile, "is a number above 0 and at most 100, as 99.9", text)
      }
      if !percentiles.contains(percentile) { percentiles.append(percentile) }
    }
    return percentiles
  }
}
