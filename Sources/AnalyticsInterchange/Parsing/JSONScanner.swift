/// Scans a JSON document value by value, and refuses everything that RFC 8259 refuses.
///
/// A pull scanner: the caller asks for the next value and gets its span. The scanner allocates
/// neither strings nor dictionaries, and is therefore many times faster than `JSONDecoder`. Every
/// read is checked against the end of the bytes. The bytes are borrowed: they have to stay valid
/// while the scanner is used.
struct JSONScanner {
  let bytes: UnsafeRawBufferPointer
  var position: Int
  /// The number of open objects and lists.
  private var depth = 0

  init(_ bytes: UnsafeRawBufferPointer, from position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// A problem at the scanner's position, counted from 1.
  var notJSON: LineProblem { .notJSON(byte: position + 1) }

  @inline(__always)
  mutating func skipWhitespace() {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
        position += 1
      default: return
      }
    }
  }

  /// Skips whitespace and then this character; returns whether the character was there.
  @inline(__always)
  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipWhitespace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func expectEnd() throws(LineProblem) {
    skipWhitespace()
    guard position == bytes.count else { throw notJSON }
  }
}

// MARK: - Values

extension JSONScanner {
  /// Checks the next value to its end.
  mutating func value() throws(LineProblem) -> JSONSpan {
    skipWhitespace()
    guard position < bytes.count else { throw notJSON }
    let start = position
    switch bytes[position] {
    case UInt8(ascii: "\""):
      return try text()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return try number()
    case UInt8(ascii: "{"):
      var object = try beginObject()
      while try nextKey(&object) != nil { _ = try value() }
      return JSONSpan(start, position, .object)
    case UInt8(ascii: "["):
      var array = try beginArray()
      while try nextElement(&array) { _ = try value() }
      return JSONSpan(start, position, .array)
    case UInt8(ascii: "t"): return try literal("true", .yes)
    case UInt8(ascii: "f"): return try literal("false", .no)
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: throw notJSON
    }
  }

  private mutating func literal(
    _ word: StaticString, _ kind: JSONSpan.Kind
  ) throws(LineProblem) -> JSONSpan {
    let count = word.utf8CodeUnitCount
    guard bytes.count - position >= count else { throw notJSON }
    for index in 0..<count where bytes[position + index] != word.utf8Start[index] { throw notJSON }
    defer { position += count }
    return JSONSpan(position, position + count, kind)
  }

  private mutating func number() throws(LineProblem) -> JSONSpan {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
      position += 1
    } else {
      try digits()
    }
    var kind = JSONSpan.Kind.integer
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      kind = .decimal
      position += 1
      try digits()
    }
    // Setting bit 0x20 turns `E` into `e`.
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      kind = .decimal
      position += 1
      if position < bytes.count,
        bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
      {
        position += 1
      }
      try digits()
    }
    return JSONSpan(start, position, kind)
  }

  /// Skips at least one digit.
  private mutating func digits() throws(LineProblem) {
    let start = position
    while position < bytes.count, bytes[position] &- UInt8(ascii: "0") <= 9 { position += 1 }
    guard position > start else { throw notJSON }
  }
}

// MARK: - Objects and lists, member by member

extension JSONScanner {
  /// The state of an open object or list.
  struct Container {
    fileprivate var isFirst = true
  }

  mutating func beginObject() throws(LineProblem) -> Container {
    try open("{")
  }

  mutating func beginArray() throws(LineProblem) -> Container {
    try open("[")
  }

  private mutating func open(_ character: Unicode.Scalar) throws(LineProblem) -> Container {
    guard skip(character) else { throw notJSON }
    depth += 1
    // The limit bounds the depth of recursion, and so the stack.
    guard depth <= LineLimits.depthMax else { throw .nestedTooDeeply }
    return Container()
  }

  /// Returns the next member's key, with the scanner before its value; `nil` once the object is
  /// closed.
  @inline(__always)
  mutating func nextKey(_ object: inout Container) throws(LineProblem) -> JSONSpan? {
    if skip("}") {
      // An empty object, or the end after a member. The end after a comma never gets here: a key is
      // required.
      depth -= 1
      return nil
    }
    if object.isFirst { object.isFirst = false } else if !skip(",") { throw notJSON }
    skipWhitespace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw notJSON }
    let key = try text()
    guard skip(":") else { throw notJSON }
    return key
  }

  /// Whether another element follows; the scanner is then before it.
  mutating func nextElement(_ array: inout Container) throws(LineProblem) -> Bool {
    if skip("]") {
      depth -= 1
      return false
    }
    if array.isFirst { array.isFirst = false } else if !skip(",") { throw notJSON }
    return true
  }
}
