extension ReportParameters {
  /// Returns the requested percentiles in order, each once; `standard` if none was given.
  func percentiles(default standard: [Percentile]) throws(ReportError) -> [Percentile] {
    let given = texts(.percentile)
    guard !given.isEmpty else { return standard }
    var percentiles: [Percentile] = []
    for text in given {
      guard let percentile = Percentile(text) else {
        throw refusal(.percentile, text)
      }
      if !percentiles.contains(percentile) { percentiles.append(percentile) }
    }
    return percentiles
  }
}
