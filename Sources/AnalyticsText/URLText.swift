/// Percent-encoding in URLs and forms.
package enum URLText {
  /// Returns a text as a name or value after the question mark, or as a segment of a path.
  package static func encoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."), UInt8(ascii: "~"), UInt8(ascii: ":"):
        bytes.append(byte)
      default:
        bytes += encoded(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Returns a path with its query in the form for a header. Characters that are not ASCII are
  /// encoded, as browsers do it, and so are spaces and control characters below U+0020. Characters
  /// that are encoded already stay as they are.
  package static func ascii(_ target: String) -> String {
    var bytes: [UInt8] = []
    for byte in target.utf8 {
      if byte > 32, byte < 128 { bytes.append(byte) } else { bytes += encoded(byte) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func encoded(_ byte: UInt8) -> [UInt8] {
    [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }

  private static let digits = Array("0123456789ABCDEF".utf8)

  /// Decodes a name or value of a form or a query, where `+` is a space.
  ///
  /// - Returns: `nil` for bytes that are not UTF-8, for a `%` without two digits, and for control
  ///   characters.
  package static func decoded(_ text: some Sequence<UInt8>) -> String? {
    var bytes: [UInt8] = []
    var rest = text.makeIterator()
    while let byte = rest.next() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard let high = rest.next().flatMap(Hexadecimal.value(of:)),
          let low = rest.next().flatMap(Hexadecimal.value(of:))
        else { return nil }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    guard bytes.allSatisfy({ $0 >= 32 && $0 != 127 }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
