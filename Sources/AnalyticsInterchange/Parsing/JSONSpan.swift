/// The position and the kind of a checked JSON value in its line.
///
/// The spans of strings exclude their quotes. Values are decoded on demand: most are read once, and
/// many never.
struct JSONSpan {
  enum Kind: UInt8 {
    case null, yes, no
    /// Digits with an optional sign, without fraction or exponent.
    case integer
    /// A number with a fraction or an exponent.
    case decimal
    /// A string without escapes.
    case plainText
    /// A string with at least one escape.
    case escapedText
    case array, object
  }

  /// Offsets into the line, which is far shorter than 4 GB.
  let lower: UInt32
  let upper: UInt32
  let kind: Kind

  init(_ lower: Int, _ upper: Int, _ kind: Kind) {
    self.lower = UInt32(truncatingIfNeeded: lower)
    self.upper = UInt32(truncatingIfNeeded: upper)
    self.kind = kind
  }

  var range: Range<Int> { Int(lower)..<Int(upper) }
  var isText: Bool { kind == .plainText || kind == .escapedText }
}

/// A member of an object.
struct JSONMember {
  let key: JSONSpan
  let value: JSONSpan
  /// Whether the event has read the member.
  var isRead = false
}

/// The bytes that spans refer to. They are borrowed, as are the buffers that the subscript returns:
/// all of them are valid only as long as the line.
struct JSONBytes {
  let bytes: UnsafeRawBufferPointer

  subscript(span: JSONSpan) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[span.range])
  }

  /// The text of a span of either string kind.
  func text(_ span: JSONSpan) -> String {
    span.kind == .plainText
      ? String(decoding: self[span], as: UTF8.self) : JSONEscapes.decode(self[span])
  }

  /// Whether a key is this name, with or without escapes.
  @inline(__always)
  func isKey(_ span: JSONSpan, _ name: StaticString) -> Bool {
    if span.kind == .escapedText { return text(span) == name.description }
    let count = name.utf8CodeUnitCount
    guard Int(span.upper &- span.lower) == count else { return false }
    let bytes = self[span]
    let name = name.utf8Start
    for index in 0..<count where bytes[index] != name[index] { return false }
    return true
  }
}
