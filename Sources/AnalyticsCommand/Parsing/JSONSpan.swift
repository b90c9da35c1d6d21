/// Where a JSON value lies in its line, and what it is. The value has been checked.
///
/// Texts are without their quotes. Nothing is decoded before somebody asks: most values of a line
/// are read once, and many not at all.
struct JSONSpan {
  enum Kind: UInt8 {
    case null, yes, no
    /// Digits with an optional sign; no fraction, no exponent.
    case integer
    /// A number with a fraction or an exponent.
    case decimal
    /// A text that stands for itself.
    case plainText
    /// A text with at least one backslash.
    case escapedText
    case array, object
  }

  /// Offsets into the line; a line is far shorter than 4 GB.
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
  /// Whether the event had a use for it.
  var isAsked = false
}

/// The bytes that spans point into. It borrows them: valid as long as the line is.
struct JSONBytes {
  let bytes: UnsafeRawBufferPointer

  subscript(span: JSONSpan) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[span.range])
  }

  /// The text of a span of either text kind.
  func text(_ span: JSONSpan) -> String {
    span.kind == .plainText
      ? String(decoding: self[span], as: UTF8.self) : JSONEscapes.decode(self[span])
  }

  /// Whether a key is this name, escaped or not.
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
