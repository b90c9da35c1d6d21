/// A bar beside a number in a table.
public enum Bar {
  /// - Parameters:
  ///   - share: From 0 to 1, of the room there is; what lies beyond is cut.
  ///   - line: The index of the line whose colour it has.
  public static func html(_ share: Double, line: Int = 0) -> String {
    let width = Markup.number(100 * (share.isFinite ? min(1, max(0, share)) : 0))
    return """
      <svg class="bar-cell" aria-hidden="true">\
      <rect class="bar \(TimeChart.lineClass(line))" width="\(width)%" height="100%"/></svg>
      """
  }
}

/// A line without axes, beside a number that it gives a past.
public enum Sparkline {
  /// - Parameter values: In order of time; `nil` leaves a gap.
  public static func html(_ values: [Double?]) -> String {
    let chart = TimeChart("", .number, slots: values.map { _ in .init("") }, lines: [])
    let scale = Scale(covering: values.compactMap(\.self).max() ?? 0, isWhole: false)
    return """
      <svg class="spark" viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">\
      <path class="line s1" d="\(chart.path(.init("", values), scale))"/></svg>
      """
  }
}
