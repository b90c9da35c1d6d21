/// Checks whether bytes are UTF-8, without creating a string.
enum UTF8Check {
  /// Follows Table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing above
  /// U+10FFFF.
  static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var position = 0
    while position < bytes.count {
      let lead = bytes[position]
      if lead < 0x80 {
        position += 1
        continue
      }
      guard let (count, second) = sequence(lead), position + count <= bytes.count,
        second.contains(bytes[position + 1])
      else { return false }
      for index in position + 2..<max(position + count, position + 2)
      where bytes[index] & 0xC0 != 0x80 {
        return false
      }
      position += count
    }
    return true
  }

  /// The length of a sequence with this first byte, and the permitted second bytes.
  private static func sequence(_ lead: UInt8) -> (count: Int, second: ClosedRange<UInt8>)? {
    switch lead {
    case 0xC2...0xDF: (2, 0x80...0xBF)
    case 0xE0: (3, 0xA0...0xBF)
    case 0xED: (3, 0x80...0x9F)
    case 0xE1...0xEF: (3, 0x80...0xBF)
    case 0xF0: (4, 0x90...0xBF)
    case 0xF1...0xF3: (4, 0x80...0xBF)
    case 0xF4: (4, 0x80...0x8F)
    default: nil
    }
  }
}
