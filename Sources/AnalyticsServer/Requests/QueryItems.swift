/// What stands behind the question mark of a URL, or in the body of a form.
package struct QueryItems: Sendable, Equatable {
  /// The values of each name, in their order.
  package private(set) var values: [String: [String]] = [:]

  /// Decodes names and values as HTML forms encode them.
  ///
  /// - Throws: A problem of status 400 that names the parameter, for what is no UTF-8 and for control
  ///   characters: no report has a use for them, and neither a header nor PostgreSQL takes them.
  package init(_ query: String?) throws(Problem) {
    for item in (query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
      let parts = item.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decoded(parts[0]) else {
        throw .invalid("query", "the name of a parameter is not percent-encoded UTF-8")
      }
      guard let value = parts.count > 1 ? Self.decoded(parts[1]) : "" else {
        throw .invalid(
          name.shortened, "the value is not percent-encoded UTF-8 without control characters")
      }
      values[name, default: []].append(value)
    }
  }

  /// The first value of a name.
  package subscript(name: String) -> String? { values[name]?.first }

  /// The same without some names.
  func without(_ names: [String]) -> [String: [String]] {
    values.filter { !names.contains($0.key) }
  }

  private static func decoded(_ text: Substring.UTF8View) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var rest = text[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst()?.hexadecimalDigit,
          let low = rest.popFirst()?.hexadecimalDigit
        else { return nil }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    guard bytes.allSatisfy({ $0 >= 32 && $0 != 127 }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}

extension UInt8 {
  fileprivate var hexadecimalDigit: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension String {
  /// Not without end, where an answer quotes what somebody sent.
  var shortened: String { count > 60 ? prefix(60) + "…" : self }
}
