import AnalyticsText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Determines the privacy of strings for which none is declared, from the string itself and its
/// field name.
///
/// Most strings are only checked and then kept, so nothing here allocates.
enum UndeclaredText {
  /// Returns ``FieldPrivacy/email`` for an e-mail address and for any string whose field name
  /// indicates one; otherwise ``FieldPrivacy/freeText``.
  static func privacy(of text: String, under name: StaticString) -> FieldPrivacy {
    let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    return isAddress(text) || namesAddress(name) ? .email : .freeText
  }

  /// Returns the privacy of a string whose field name comes with the event.
  static func privacy(of text: String, under name: String) -> FieldPrivacy {
    var name = name
    return isAddress(text) || name.withUTF8(namesAddress) ? .email : .freeText
  }

  /// Returns the privacy of a name that may itself be personal data, such as a key of an object
  /// keyed by person.
  static func privacy(ofName name: String) -> FieldPrivacy { isAddress(name) ? .email : .freeText }
}

// MARK: - The text

extension UndeclaredText {
  /// Whether the whole string is an e-mail address: something without a space, an `@`, and a
  /// domain. Surrounding spaces, brackets, quotes, commas and similar characters are ignored.
  ///
  /// The results of a treatment, a hash or `@example.org`, are not addresses; neither are
  /// `lodash@4.17.1` and `git@github.com:owner/name`.
  static func isAddress(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { utf8 in
      guard let start = utf8.baseAddress, memchr(start, Int32(at), utf8.count) != nil else {
        return false
      }
      var address = utf8[...]
      while let first = address.first, isAround(first) { address.removeFirst() }
      while let last = address.last, isAround(last) { address.removeLast() }
      // The last `@`, so that a list of addresses counts as an address as well.
      guard let sign = address.lastIndex(of: at), sign > address.startIndex else { return false }
      return !address[..<sign].contains(where: isSpace) && isDomain(address[(sign + 1)...])
    }
  }

  /// Whether the bytes are two or more labels of which the last begins with a letter, unlike in a
  /// version number or an IP address.
  private static func isDomain(_ utf8: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    var dots = 0
    var labelBytes = 0
    var beginsWithLetter = false
    // A trailing dot denotes the DNS root.
    for byte in utf8.last == dot ? utf8.dropLast() : utf8 {
      guard byte != dot else {
        guard labelBytes > 0 else { return false }
        dots += 1
        labelBytes = 0
        continue
      }
      guard isInDomain(byte) else { return false }
      if labelBytes == 0 { beginsWithLetter = isLetter(byte) }
      labelBytes += 1
    }
    return dots > 0 && labelBytes > 0 && beginsWithLetter
  }

  /// Letters, digits, hyphens and dots.
  static func isInDomain(_ byte: UInt8) -> Bool {
    isLetter(byte) || byte.isDigit || byte == UInt8(ascii: "-") || byte == dot
  }

  /// All bytes outside ASCII count as letters, because they cannot be told apart here.
  private static func isLetter(_ byte: UInt8) -> Bool {
    byte >= 0x80 || isSmallLetter(byte | 0x20)
  }

  private static let at = UInt8(ascii: "@")
  private static let dot = UInt8(ascii: ".")

  /// Whether a byte may surround an address. A dot cannot, because it may be part of the domain.
  private static func isAround(_ byte: UInt8) -> Bool {
    isSpace(byte) || byte < 0x80 && !isInDomain(byte) && byte != at
  }

  /// Control characters count as spaces.
  private static func isSpace(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == 0x7f }

  private static func isSmallLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }
}

// MARK: - The name

extension UndeclaredText {
  /// Whether a field name indicates an e-mail address: its last word is `email` or `mail`, in upper
  /// or lower case, also in the plural, optionally followed by `address`. Examples: `email`,
  /// `e_mails`, `userEmail`, `emailaddress`, `CONTACT-EMAIL-ADDRESS`; not `voicemail`.
  static func namesAddress(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
    // A quick check that excludes most names.
    guard let last = utf8.last.map({ $0 | 0x20 }),
      last == UInt8(ascii: "l") || last == UInt8(ascii: "s")
    else { return false }
    var name = utf8[...]
    var word = takeLastWord(of: &name)
    if drop("addresses", from: &word) || drop("address", from: &word) {
      if word.isEmpty { word = takeLastWord(of: &name) }
    } else {
      _ = drop("s", from: &word)
    }
    return drop("mail", from: &word) && (word.isEmpty || drop("e", from: &word) && word.isEmpty)
  }

  /// Removes the last word and returns it. Words end at `_`, `-`, `.` and spaces, and before a
  /// capital that follows anything but a capital.
  private static func takeLastWord(
    of name: inout Slice<UnsafeBufferPointer<UInt8>>
  ) -> Slice<UnsafeBufferPointer<UInt8>> {
    let end = name.endIndex
    var start = end
    while start > name.startIndex, !isSeparator(name[start - 1]) {
      start -= 1
      let isBehindOther = start > name.startIndex && !isCapital(name[start - 1])
      if isCapital(name[start]), isBehindOther { break }
    }
    let word = name[start..<end]
    name = name[..<start]
    if let last = name.last, isSeparator(last) { name.removeLast() }
    return word
  }

  /// Removes the given end of a word; returns `false` if the word does not end so.
  private static func drop(
    _ end: StaticString, from word: inout Slice<UnsafeBufferPointer<UInt8>>
  ) -> Bool {
    let end = UnsafeBufferPointer(start: end.utf8Start, count: end.utf8CodeUnitCount)
    guard word.suffix(end.count).elementsEqual(end, by: { $0 | 0x20 == $1 }) else { return false }
    word.removeLast(end.count)
    return true
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == dot || byte == 0x20
  }

  private static func isCapital(_ byte: UInt8) -> Bool {
    isSmallLetter(byte | 0x20) && byte & 0x20 == 0
  }
}
