import AnalyticsText

extension JSONScanner {
  /// Checks a string from its opening to its closing quote: control characters, escapes and UTF-8.
  mutating func text() throws(LineProblem) -> JSONSpan {
    position += 1
    let start = position
    var kind = JSONSpan.Kind.plainText
    // The high bits of all bytes so far, in eight lanes.
    var highBits: UInt64 = 0
    while true {
      skipOrdinary(&highBits)
      guard position < bytes.count else { throw notJSON }
      switch bytes[position] {
      case UInt8(ascii: "\""):
        if highBits & 0x8080_8080_8080_8080 != 0,
          !UTF8Check.isValid(UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
        {
          throw .notUTF8(byte: start + 1)
        }
        position += 1
        return JSONSpan(start, position - 1, kind)
      case UInt8(ascii: "\\"):
        kind = .escapedText
        try escape()
      default:
        // A control character, which JSON requires to be escaped.
        throw notJSON
      }
    }
  }

  /// Advances to the next quote, backslash or control character, eight bytes at a time.
  ///
  /// The masks follow "Determine if a word has a byte less than n" in Sean Anderson's "Bit
  /// Twiddling Hacks". A mask may be wrong above its first hit, but never at it.
  @inline(__always)
  private mutating func skipOrdinary(_ highBits: inout UInt64) {
    let ones: UInt64 = 0x0101_0101_0101_0101
    while position + 8 <= bytes.count {
      let word = UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
      let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
      let control = (word &- ones &* 0x20) & ~word
      let hits =
        ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | control)
        & 0x8080_8080_8080_8080
      if hits != 0 {
        let count = hits.trailingZeroBitCount >> 3
        highBits |= word & ((1 << UInt64(count * 8)) &- 1)
        position += count
        return
      }
      highBits |= word
      position += 8
    }
    while position < bytes.count {
      let byte = bytes[position]
      if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
      highBits |= UInt64(byte)
      position += 1
    }
  }

  private mutating func escape() throws(LineProblem) {
    guard position + 1 < bytes.count else { throw notJSON }
    switch bytes[position + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 2
    case UInt8(ascii: "u"):
      // Half of a surrogate pair is valid JSON; decoding replaces it.
      guard JSONEscapes.codeUnit(bytes, at: position) != nil else { throw notJSON }
      position += 6
    default: throw notJSON
    }
  }
}

/// Decodes the escapes of JSON strings.
enum JSONEscapes {
  /// The code unit of the `\uXXXX` at this position; `nil` if there is none.
  static func codeUnit(_ bytes: UnsafeRawBufferPointer, at position: Int) -> UInt16? {
    guard position + 6 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt16 = 0
    for index in position + 2..<position + 6 {
      guard let digit = Hexadecimal.value(of: bytes[index]) else { return nil }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  /// The text of the checked bytes between two quotes.
  static func decode(_ bytes: UnsafeRawBufferPointer) -> String {
    // The capacity suffices since the bytes were checked: no valid escape is shorter than the UTF-8
    // that it stands for.
    String(unsafeUninitializedCapacity: bytes.count) { target in
      var written = 0
      var position = 0
      while position < bytes.count {
        if bytes[position] != UInt8(ascii: "\\") {
          target.initializeElement(at: written, to: bytes[position])
          written += 1
          position += 1
          continue
        }
        let (scalar, length) = scalar(bytes, at: position)
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
          target.initializeElement(at: written, to: byte)
          written += 1
        }
        position += length
      }
      return written
    }
  }

  /// The character of a checked escape, and the length of the escape in bytes.
  ///
  /// Half of a surrogate pair is no character, and PostgreSQL accepts none, so it becomes U+FFFD.
  /// JavaScript writes such halves when it cuts a string within an emoji.
  private static func scalar(
    _ bytes: UnsafeRawBufferPointer, at position: Int
  ) -> (Unicode.Scalar, length: Int) {
    switch bytes[position + 1] {
    case UInt8(ascii: "b"): return ("\u{08}", 2)
    case UInt8(ascii: "f"): return ("\u{0C}", 2)
    case UInt8(ascii: "n"): return ("\n", 2)
    case UInt8(ascii: "r"): return ("\r", 2)
    case UInt8(ascii: "t"): return ("\t", 2)
    case UInt8(ascii: "u"):
      guard let first = codeUnit(bytes, at: position) else { return ("\u{FFFD}", 2) }
      guard UTF16.isLeadSurrogate(first), let second = codeUnit(bytes, at: position + 6),
        UTF16.isTrailSurrogate(second)
      else {
        return (Unicode.Scalar(first) ?? "\u{FFFD}", 6)
      }
      let value = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
      return (Unicode.Scalar(value) ?? "\u{FFFD}", 12)
    default: return (Unicode.Scalar(bytes[position + 1]), 2)
    }
  }
}
