/// A bar next to a number in a table.
enum Bar {
  /// Returns the bar as SVG.
  ///
  /// - Parameter share: The length of the bar as a share of the room there is, from 0 to 1. A
  ///   number outside is replaced by the nearer bound; one that is not finite counts as 0.
  static func html(_ share: Double) -> HTML {
    let width = Coordinate.text(100 * (share.isFinite ? min(1, max(0, share)) : 0))
    return """
      <svg class="bar-cell" aria-hidden="true">\
      <rect class="bar \(TimeChart.colourClass(0))" width="\(width)%" height="100%"/></svg>
      """
  }
}
