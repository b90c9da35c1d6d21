// Searching texts by scalar and by byte.
//
// Swift's own methods of this kind work on characters. For them `"a,\u{308}b"` contains no `","`,
// since the comma and the diaeresis are one character, and `"\r\n"` contains no `"\n"`.

extension StringProtocol {
  /// Returns whether the first bytes are those of a prefix.
  package func begins(with prefix: some StringProtocol) -> Bool {
    utf8.starts(with: prefix.utf8)
  }

  /// Returns whether the last bytes are those of a suffix.
  package func ends(with suffix: some StringProtocol) -> Bool {
    utf8.reversed().starts(with: suffix.utf8.reversed())
  }

  /// Returns whether the text contains a scalar.
  package func has(_ scalar: Unicode.Scalar) -> Bool { unicodeScalars.contains(scalar) }

  /// Returns the index at which the bytes of a text occur first; `nil` if they do not occur.
  package func firstIndex(ofBytes text: String) -> Index? {
    utf8.indices.first { utf8[$0...].starts(with: text.utf8) }
  }

  /// Returns whether the bytes contain those of a text.
  package func has(bytesOf text: String) -> Bool { firstIndex(ofBytes: text) != nil }

  /// The text with A to Z in lower case and nothing else changed. `lowercased()` would also turn a
  /// Kelvin sign into a `k`.
  package var asciiLowercased: String {
    String(
      decoding: utf8.map { byte in
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
      }, as: UTF8.self)
  }

  /// Whether there is at least one byte, and all are digits from 0 to 9.
  package var isDigits: Bool { !isEmpty && utf8.allSatisfy(\.isDigit) }
}

extension Substring {
  /// Returns the parts between occurrences of a scalar.
  package func split(
    at separator: Unicode.Scalar, maxSplits: Int = .max, omittingEmpty: Bool = true
  ) -> [Substring] {
    unicodeScalars.split(
      separator: separator, maxSplits: maxSplits, omittingEmptySubsequences: omittingEmpty
    ).map { Substring($0) }
  }

  /// Returns the parts before and after the first occurrence of a scalar; `nil` if it does not
  /// occur.
  package func cut(at separator: Unicode.Scalar) -> (head: Substring, tail: Substring)? {
    guard let place = unicodeScalars.firstIndex(of: separator) else { return nil }
    return (self[..<place], self[unicodeScalars.index(after: place)...])
  }

  /// The text without spaces and tabs at both ends.
  package var trimmed: Substring {
    let isBlank = { (scalar: Unicode.Scalar) in scalar == " " || scalar == "\t" }
    var rest = unicodeScalars.drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return Substring(rest)
  }

  /// Returns the text without as many bytes at its start as `prefix` has. The text must have them,
  /// and they must be ASCII; whether they equal `prefix` is not checked.
  package func dropping(_ prefix: String) -> Substring {
    self[utf8.index(startIndex, offsetBy: prefix.utf8.count)...]
  }
}

extension String {
  /// See ``Swift/Substring/split(at:maxSplits:omittingEmpty:)``.
  package func split(
    at separator: Unicode.Scalar, maxSplits: Int = .max, omittingEmpty: Bool = true
  ) -> [Substring] {
    self[...].split(at: separator, maxSplits: maxSplits, omittingEmpty: omittingEmpty)
  }

  /// See ``Swift/Substring/cut(at:)``.
  package func cut(at separator: Unicode.Scalar) -> (head: Substring, tail: Substring)? {
    self[...].cut(at: separator)
  }

  /// The text without spaces and tabs at both ends.
  package var trimmed: String { String(self[...].trimmed) }

  /// Returns the text with each occurrence of an ASCII character replaced by another text.
  package func replacing(_ character: Unicode.Scalar, by text: String) -> String {
    let wanted = UInt8(ascii: character)
    guard utf8.contains(wanted) else { return self }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(utf8.count + text.utf8.count)
    for byte in utf8 {
      if byte == wanted { bytes += text.utf8 } else { bytes.append(byte) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension [UInt8] {
  /// Appends a scalar's UTF-8.
  package mutating func append(_ scalar: Unicode.Scalar) {
    append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }
}

extension UInt8 {
  /// Whether it is a digit from 0 to 9.
  package var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
