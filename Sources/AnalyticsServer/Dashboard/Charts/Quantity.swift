internal import AnalyticsText

/// The meaning of a chart's numbers, which decides how they are written.
enum Quantity: Hashable, Sendable {
  /// A number of things.
  case count
  case milliseconds
  case seconds
  /// A quotient from 0 to 1, written in percent.
  case ratio
  /// Any other number.
  case number

  /// Returns a number in the form for tables and texts: `1,234`, `12.3 %`, `350 ms`, `1.4 s`.
  func text(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    switch self {
    case .count: return Self.grouped(value.rounded())
    case .ratio: return Self.decimal(value * 100, digits: 1) + " %"
    case .milliseconds:
      if value.magnitude < 10 {
        return Self.decimal(value, digits: value == value.rounded() ? 0 : 1) + " ms"
      }
      if value.magnitude < 1000 { return Self.grouped(value.rounded()) + " ms" }
      return Quantity.seconds.text(value / 1000)
    case .seconds:
      if value.magnitude < 120 {
        return Self.decimal(value, digits: value == value.rounded() ? 0 : 1) + " s"
      }
      if value.magnitude < 7200 { return Self.decimal(value / 60, digits: 1) + " min" }
      return Self.decimal(value / 3600, digits: 1) + " h"
    case .number:
      return value == value.rounded() ? Self.grouped(value) : Self.decimal(value, digits: 2)
    }
  }

  /// Returns a number in the form for an axis, where there is room for a few characters: `1.2k`,
  /// `3M`.
  func shortText(_ value: Double) -> String {
    switch self {
    case .count, .number:
      for (limit, letter) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where value.magnitude >= limit {
        return Self.trimmed(value / limit) + letter
      }
      return Self.trimmed(value)
    case .ratio: return Self.trimmed(value * 100) + " %"
    case .milliseconds:
      return value.magnitude < 1000
        ? Self.trimmed(value) + " ms" : Quantity.seconds.shortText(value / 1000)
    case .seconds:
      if value.magnitude < 120 { return Self.trimmed(value) + " s" }
      if value.magnitude < 7200 { return Self.trimmed(value / 60) + " min" }
      return Self.trimmed(value / 3600) + " h"
    }
  }
}

extension Quantity {
  /// Returns a whole number with its thousands in groups.
  private static func grouped(_ value: Double) -> String {
    value.magnitude < 1e15 ? Int(value).grouped : "\(value)"
  }

  /// Returns a number with thousands in groups, and that many digits after the point.
  private static func decimal(_ value: Double, digits: Int) -> String {
    guard digits > 0, value.magnitude < 1e13 else { return grouped(value.rounded()) }
    let factor = digits == 1 ? 10.0 : 100.0
    let scaled = (value.magnitude * factor).rounded()
    let whole = (scaled / factor).rounded(.down)
    let fraction = Int(scaled - whole * factor).padded(digits)
    return (value < 0 && scaled > 0 ? "-" : "") + grouped(whole) + "." + fraction
  }

  /// Returns a number with at most two digits after the point, without zeros at the end.
  private static func trimmed(_ value: Double) -> String {
    var text = decimal(value, digits: 2)
    while text.ends(with: "0") { text.removeLast() }
    if text.ends(with: ".") { text.removeLast() }
    return text
  }
}
