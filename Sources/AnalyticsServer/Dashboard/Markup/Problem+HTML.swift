internal import AnalyticsText

extension Problem {
  private static let id = "problem"

  /// The problem as a line of a page.
  var alert: HTML { "<p class=\"problem\" role=\"alert\" id=\"\(Self.id)\">\(detail)</p>" }

  /// The attributes that mark a form field as invalid, if the problem is about this field.
  func mark(_ field: String) -> HTML? {
    guard let parameter, parameter.isSame(as: field) else { return nil }
    return " aria-invalid=\"true\" aria-describedby=\"\(Self.id)\""
  }
}
