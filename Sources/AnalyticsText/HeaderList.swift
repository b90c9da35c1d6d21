/// The value of an HTTP header that is a list with parameters: `text/csv;q=0.8, */*`.
package struct HeaderList: Sendable {
  /// An item of the list.
  package struct Item: Sendable {
    /// The value without its parameters, in lower case.
    package var value: String
    /// The quality, 0…1. It is 1 if none is given, and 0 if it cannot be parsed.
    package var quality: Double
  }

  /// The items in order.
  package let items: [Item]

  /// Parses the value of a header; `nil` is an empty list.
  package init(_ header: String?) {
    items = (header ?? "").split(at: ",").map { part in
      let words = part.split(at: ";").map { $0.trimmed.asciiLowercased }
      let quality = words.dropFirst().first { $0.begins(with: "q=") }
      return Item(value: words.first ?? "", quality: quality.map(Self.quality) ?? 1)
    }
  }

  private static func quality(_ parameter: String) -> Double {
    let digits = parameter[...].dropping("q=").trimmed
    guard digits.utf8.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ".") }) else { return 0 }
    return Double(digits).map { min($0, 1) } ?? 0
  }
}
