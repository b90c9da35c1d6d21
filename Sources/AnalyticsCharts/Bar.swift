/// A bar beside a number in a table.
public enum Bar {
  /// - Parameter share: From 0 to 1, of the room there is; what lies beyond is cut.
  public static func html(_ share: Double) -> String {
    let width = Markup.number(100 * (share.isFinite ? min(1, max(0, share)) : 0))
    return """
      <svg class="bar-cell" aria-hidden="true">\
      <rect class="bar \(TimeChart.colourClass(0))" width="\(width)%" height="100%"/></svg>
      """
  }
}
