/// Writes strings in JSON.
package enum JSONString {
  /// Appends a string with its quotes. Its bytes must be UTF-8.
  package static func append(_ utf8: some Sequence<UInt8>, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        bytes.append(contentsOf: "\\u00".utf8)
        Hexadecimal.append(byte, to: &bytes)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

extension JSONString {
  /// Returns the same JSON, in which control characters, which a terminal obeys, and other
  /// characters that cannot be seen are escaped within strings.
  package static func printable(_ json: String) -> String {
    guard json.unicodeScalars.contains(where: { DisplayText.isUnseen($0) && $0 != "\n" }) else {
      return json
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(json.utf8.count)
    for scalar in json.unicodeScalars {
      // A line feed separates documents. Within strings it is already escaped.
      guard DisplayText.isUnseen(scalar), scalar != "\n" else {
        bytes.append(scalar)
        continue
      }
      for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
        bytes.append(contentsOf: "\\u".utf8)
        for shift in [12, 8, 4, 0] { bytes.append(Hexadecimal.digits[Int(unit >> shift & 15)]) }
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
