extension Int {
  /// The number with commas between groups of three digits.
  package var grouped: String {
    var text = ""
    for (index, digit) in String(magnitude).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (self < 0 ? "-" : "") + String(text.reversed())
  }

  /// `1 event`, or `2,000 events`.
  /// - Parameter many: The plural; `nil` if it is the singular with an `s`.
  package func counted(_ one: String, _ many: String? = nil) -> String {
    grouped + " " + (self == 1 ? one : many ?? one + "s")
  }
}
