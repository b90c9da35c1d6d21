internal import AnalyticsText

extension Problem {
  private static let id = "problem"

  /// The line that a page shows.
  var alert: HTML { "<p class=\"problem\" role=\"alert\" id=\"\(Self.id)\">\(detail)</p>" }

  /// What a field is given if it is at fault.
  func mark(_ field: String) -> HTML? {
    guard let parameter, parameter.isSame(as: field) else { return nil }
    return " aria-invalid=\"true\" aria-describedby=\"\(Self.id)\""
  }
}
