/// The value of an HTTP header that is a list with parameters: `text/csv;q=0.8, */*`.
package struct HeaderList: Sendable {
  /// A member of the list.
  package struct Item: Sendable {
    /// In lower case.
    package var value: String
    /// 0…1; 1 where none is given, 0 where it cannot be read.
    package var quality: Double
  }

  /// The members in their order.
  package let items: [Item]

  /// Reads a header's value; `nil` is an empty list.
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
