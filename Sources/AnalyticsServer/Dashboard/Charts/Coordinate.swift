/// Writes coordinates in SVG.
enum Coordinate {
  /// Rounds to a tenth, which is finer than a screen.
  static func text(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let (whole, fraction) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
    return fraction == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(fraction)"
  }
}
